import sys

def warn(message, category=None, stacklevel=1, **kwargs):
    sys.stderr.write('%s: %s\n' % (category.__name__ if category else 'UserWarning', message))

def filterwarnings(*args, **kwargs):
    pass

simplefilter = filterwarnings
