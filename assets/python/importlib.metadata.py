import os
import sys

class PackageNotFoundError(ModuleNotFoundError):
    def __str__(self):
        return 'No package metadata was found for %s' % self.args[0]

def version(name):
    wanted = name.lower().replace('_', '-')
    for folder in sys.path:
        if folder.endswith('-packages') and os.path.isdir(folder):
            for each in os.listdir(folder):
                if each.endswith('.dist-info'):
                    found, _, number = each[:-len('.dist-info')].rpartition('-')
                    if found.lower().replace('_', '-') == wanted:
                        return number
    raise PackageNotFoundError(name)
