import sys
import time

DEBUG, INFO, WARNING, ERROR, CRITICAL = 10, 20, 30, 40, 50
WARN, FATAL, NOTSET = WARNING, CRITICAL, 0
_names = {10: 'DEBUG', 20: 'INFO', 30: 'WARNING', 40: 'ERROR', 50: 'CRITICAL'}
_state = {'level': WARNING, 'format': '%(levelname)s:%(name)s:%(message)s', 'datefmt': None, 'stream': None}
_loggers = {}

class Formatter:
    def __init__(self, fmt=None, datefmt=None):
        self.fmt, self.datefmt = fmt, datefmt

class StreamHandler:
    def __init__(self, stream=None):
        self.stream, self.formatter, self.level = stream, None, NOTSET
    def setFormatter(self, formatter):
        self.formatter = formatter
    def setLevel(self, level):
        self.level = level

FileHandler = StreamHandler

def _level(level):
    if isinstance(level, str):
        for number, name in _names.items():
            if name == level.upper():
                return number
    return level

class Logger:
    def __init__(self, name):
        self.name, self.level, self.handlers, self.disabled, self.propagate = name, NOTSET, [], False, True
    def setLevel(self, level):
        self.level = _level(level)
    def isEnabledFor(self, level):
        return level >= (self.level or _loggers['root'].level or _state['level'])
    def addHandler(self, handler):
        self.handlers.append(handler)
    def getEffectiveLevel(self):
        return self.level or _state['level']
    def log(self, level, message, *args, **kwargs):
        if self.disabled or not self.isEnabledFor(level):
            return
        text = str(message) % args if args else str(message)
        now = time.time()
        handlers = self.handlers or _loggers['root'].handlers
        for handler in handlers or [None]:
            formatter = handler.formatter if handler else None
            fmt = (formatter.fmt if formatter and formatter.fmt else None) or (_state['format'] if not handler or not self.handlers else '%(message)s')
            datefmt = (formatter.datefmt if formatter else None) or _state['datefmt']
            stamp = time.strftime(datefmt, time.gmtime(now)) if datefmt else time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(now)) + ',%03d' % int(now * 1000 % 1000)
            line = fmt % {'levelname': _names.get(level, str(level)), 'name': self.name, 'message': text, 'asctime': stamp, 'levelno': level, 'filename': '', 'lineno': 0, 'module': '', 'process': 1, 'threadName': 'MainThread', 'funcName': ''}
            stream = (handler.stream if handler else None) or _state['stream'] or sys.stderr
            stream.write(line + '\n')
            stream.flush()
        if kwargs.get('exc_info'):
            import traceback
            traceback.print_exc()
    def debug(self, message, *args, **kwargs):
        self.log(DEBUG, message, *args, **kwargs)
    def info(self, message, *args, **kwargs):
        self.log(INFO, message, *args, **kwargs)
    def warning(self, message, *args, **kwargs):
        self.log(WARNING, message, *args, **kwargs)
    def error(self, message, *args, **kwargs):
        self.log(ERROR, message, *args, **kwargs)
    def critical(self, message, *args, **kwargs):
        self.log(CRITICAL, message, *args, **kwargs)
    def exception(self, message, *args, **kwargs):
        kwargs['exc_info'] = True
        self.log(ERROR, message, *args, **kwargs)

_loggers['root'] = Logger('root')

def getLogger(name=None):
    name = name or 'root'
    if name not in _loggers:
        _loggers[name] = Logger(name)
    return _loggers[name]

def basicConfig(level=None, format=None, datefmt=None, stream=None, handlers=None, force=False, **kwargs):
    if level is not None:
        _state['level'] = _level(level)
    if format is not None:
        _state['format'] = format
    if datefmt is not None:
        _state['datefmt'] = datefmt
    if stream is not None:
        _state['stream'] = stream

def debug(message, *args):
    _loggers['root'].debug(message, *args)
def info(message, *args):
    _loggers['root'].info(message, *args)
def warning(message, *args):
    _loggers['root'].warning(message, *args)
def error(message, *args):
    _loggers['root'].error(message, *args)
def critical(message, *args):
    _loggers['root'].critical(message, *args)
def exception(message, *args):
    _loggers['root'].exception(message, *args)
