import sys
from _traceback import text

def format_exc():
    return text()

def print_exc(file=None):
    (file or sys.stderr).write(text())
