import os
import sys

SUPPRESS = '==SUPPRESS=='
REMAINDER = '...'

class ArgumentTypeError(Exception):
    pass

class ArgumentError(Exception):
    pass

class Namespace:
    def __init__(self, **values):
        for name, value in values.items():
            setattr(self, name, value)
    def __repr__(self):
        return 'Namespace(%s)' % ', '.join('%s=%r' % pair for pair in self.__dict__.items())
    def __contains__(self, name):
        return name in self.__dict__
    def __eq__(self, other):
        return isinstance(other, Namespace) and self.__dict__ == other.__dict__

class HelpFormatter:
    pass

class RawTextHelpFormatter:
    pass

RawDescriptionHelpFormatter = ArgumentDefaultsHelpFormatter = RawTextHelpFormatter

class _Argument:
    def __init__(self, names, action='store', nargs=None, const=None, default=None, type=None, choices=None, required=False, help=None, metavar=None, dest=None, version=None):
        self.names, self.action, self.nargs, self.const, self.default = names, action, nargs, const, default
        self.type, self.choices, self.required, self.help, self.metavar, self.version = type, choices, required, help, metavar, version
        self.option = names[0].startswith('-')
        long = [each for each in names if each.startswith('--')]
        self.dest = dest or (long[0] if long else names[0]).lstrip('-').replace('-', '_') if self.option else dest or names[0]
        if action == 'store_true':
            self.const, self.default = True, False if default is None else default
        elif action == 'store_false':
            self.const, self.default = False, True if default is None else default
    def takes(self):
        return self.action in ('store', 'append')
    def shown(self):
        if self.metavar:
            return self.metavar
        if self.choices:
            return '{' + ','.join(str(each) for each in self.choices) + '}'
        return self.dest.upper() if self.option else self.dest
    def value(self):
        name = self.shown()
        return {None: name, '?': '[%s]' % name, '*': '[%s ...]' % name, '+': '%s [%s ...]' % (name, name)}.get(self.nargs, ' '.join([name] * self.nargs) if isinstance(self.nargs, int) else name)
    def label(self):
        return '/'.join(self.names) if self.option else self.metavar or self.dest

class _Group:
    def __init__(self, parser, required=False):
        self._parser, self.required, self.arguments = parser, required, []
    def add_argument(self, *names, **options):
        made = self._parser.add_argument(*names, **options)
        self.arguments.append(made)
        return made

class _Subparsers:
    def __init__(self, parser, dest, required, title, metavar):
        self.parser, self.dest, self.required, self.title, self.metavar = parser, dest, required, title, metavar
        self.parsers, self.helps = {}, {}
    def add_parser(self, name, help=None, **options):
        made = ArgumentParser(prog=self.parser.prog + ' ' + name, **options)
        self.parsers[name], self.helps[name] = made, help
        return made

class ArgumentParser:
    def __init__(self, prog=None, usage=None, description=None, epilog=None, formatter_class=None, add_help=True, **kwargs):
        self.prog = prog or os.path.basename(sys.argv[0])
        self.description, self.epilog, self.usage = description, epilog, usage
        self._arguments, self._sub, self._defaults, self._exclusive = [], None, {}, []
        if add_help:
            self.add_argument('-h', '--help', action='help', help='show this help message and exit')
    def add_argument(self, *names, **options):
        made = _Argument(names, **options)
        self._arguments.append(made)
        return made
    def add_argument_group(self, title=None, description=None):
        return _Group(self)
    def add_mutually_exclusive_group(self, required=False):
        made = _Group(self, required)
        self._exclusive.append(made)
        return made
    def add_subparsers(self, dest=None, required=False, title=None, help=None, metavar=None, **kwargs):
        self._sub = _Subparsers(self, dest, required, title, metavar)
        return self._sub
    def set_defaults(self, **values):
        self._defaults.update(values)
    def format_usage(self):
        if self.usage:
            return 'usage: ' + self.usage + '\n'
        parts = []
        for each in self._arguments:
            if each.option:
                text = each.names[0] + (' ' + each.value() if each.takes() else '')
                parts.append(text if each.required else '[%s]' % text)
        for each in self._arguments:
            if not each.option:
                parts.append(each.value())
        if self._sub:
            parts.append('%s ...' % (self._sub.metavar or '{%s}' % ','.join(self._sub.parsers)))
        lead = 'usage: %s ' % self.prog
        lines, line = [], ''
        for part in parts:
            if line and len(lead) + len(line) + len(part) + 1 > 78:
                lines.append(line)
                line = ''
            line += (' ' if line else '') + part
        lines.append(line)
        return (lead + ('\n' + ' ' * len(lead)).join(lines)).rstrip() + '\n'
    def format_help(self):
        text = self.format_usage()
        if self.description:
            text += '\n' + self.description + '\n'
        rows = [(each.shown(), each.help) for each in self._arguments if not each.option]
        if self._sub:
            rows.append((self._sub.metavar or '{%s}' % ','.join(self._sub.parsers), None))
            rows += [('  ' + name, help) for name, help in self._sub.helps.items() if help]
        options = []
        for each in self._arguments:
            if each.option:
                value = ' ' + each.value() if each.takes() else ''
                options.append((', '.join(name + value for name in each.names), each.help))
        width = min(24, max(len(name) + 4 for name, help in rows + options)) if rows or options else 24
        if rows:
            text += '\npositional arguments:\n' + self._rows(rows, width)
        if options:
            text += '\noptions:\n' + self._rows(options, width)
        if self.epilog:
            text += '\n' + self.epilog + '\n'
        return text
    def _rows(self, rows, width):
        text = ''
        for name, help in rows:
            if not help:
                text += '  ' + name + '\n'
            elif len(name) + 4 > width:
                text += '  ' + name + '\n' + ' ' * width + help + '\n'
            else:
                text += ('  ' + name).ljust(width) + help + '\n'
        return text
    def print_help(self, file=None):
        (file or sys.stdout).write(self.format_help())
    def print_usage(self, file=None):
        (file or sys.stdout).write(self.format_usage())
    def exit(self, status=0, message=None):
        if message:
            sys.stderr.write(message)
        sys.exit(status)
    def error(self, message):
        sys.stderr.write(self.format_usage())
        self.exit(2, '%s: error: %s\n' % (self.prog, message))
    def _convert(self, argument, text):
        value = text
        if argument.type:
            try:
                value = argument.type(text)
            except ArgumentTypeError as error:
                self.error('argument %s: %s' % (argument.label(), error))
            except (TypeError, ValueError):
                self.error("argument %s: invalid %s value: %r" % (argument.label(), getattr(argument.type, '__name__', 'str'), text))
        if argument.choices is not None and value not in argument.choices:
            self.error('argument %s: invalid choice: %r (choose from %s)' % (argument.label(), value, ', '.join(repr(each) for each in argument.choices)))
        return value
    def parse_args(self, args=None, namespace=None):
        found, rest = self.parse_known_args(args, namespace)
        if rest:
            self.error('unrecognized arguments: ' + ' '.join(rest))
        return found
    def parse_known_args(self, args=None, namespace=None):
        words = list(sys.argv[1:] if args is None else args)
        found = namespace or Namespace()
        for each in self._arguments:
            if each.action not in ('help', 'version'):
                setattr(found, each.dest, each.default)
        for name, value in self._defaults.items():
            setattr(found, name, value)
        positional = [each for each in self._arguments if not each.option]
        options = {name: each for each in self._arguments if each.option for name in each.names}
        seen, rest, plain, only = [], [], [], False
        while words:
            word = words.pop(0)
            if only or not word.startswith('-') or word == '-' or (word[1:].replace('.', '').isdigit() and word not in options):
                if self._sub and len(plain) >= len(positional):
                    if word not in self._sub.parsers:
                        self.error('argument %s: invalid choice: %r (choose from %s)' % (self._sub.dest or 'command', word, ', '.join(repr(each) for each in self._sub.parsers)))
                    if self._sub.dest:
                        setattr(found, self._sub.dest, word)
                    inner, more = self._sub.parsers[word].parse_known_args(words)
                    for name, value in inner.__dict__.items():
                        setattr(found, name, value)
                    rest += more
                    words = []
                    seen.append('#sub')
                    continue
                plain.append(word)
                continue
            if word == '--':
                only = True
                continue
            name, equals, value = word.partition('=')
            argument = options.get(name)
            if argument is None and word.startswith('--'):
                near = [each for each in options if each.startswith(name)]
                if len(near) == 1:
                    argument = options[near[0]]
                elif near:
                    self.error('ambiguous option: %s could match %s' % (word, ', '.join(near)))
            if argument is None and not word.startswith('--') and word[:2] in options:
                argument, equals, value = options[word[:2]], '=', word[2:]
                if not argument.takes():
                    words.insert(0, '-' + value)
                    equals = ''
            if argument is None:
                rest.append(word)
                continue
            seen.append(argument.dest)
            if argument.action == 'help':
                self.print_help()
                self.exit()
            elif argument.action == 'version':
                print(argument.version)
                self.exit()
            elif argument.action in ('store_true', 'store_false', 'store_const'):
                setattr(found, argument.dest, argument.const)
            elif argument.action == 'count':
                setattr(found, argument.dest, (getattr(found, argument.dest) or 0) + 1)
            else:
                if argument.nargs in ('*', '+') or isinstance(argument.nargs, int):
                    values = [value] if equals else []
                    while words and not words[0].startswith('-') and (not isinstance(argument.nargs, int) or len(values) < argument.nargs):
                        values.append(words.pop(0))
                    if not values and argument.nargs == '+':
                        self.error('argument %s: expected at least one argument' % argument.label())
                    given = [self._convert(argument, each) for each in values]
                elif equals:
                    given = self._convert(argument, value)
                elif words and (not words[0].startswith('-') or words[0][1:].replace('.', '').isdigit()):
                    given = self._convert(argument, words.pop(0))
                elif argument.nargs == '?':
                    given = argument.const
                else:
                    self.error('argument %s: expected one argument' % argument.label())
                if argument.action == 'append':
                    given = (getattr(found, argument.dest) or []) + [given]
                setattr(found, argument.dest, given)
        missing = []
        for at, argument in enumerate(positional):
            after = sum(1 for each in positional[at + 1:] if each.nargs not in ('?', '*'))
            if argument.nargs in ('*', '+', REMAINDER):
                take = max(0, len(plain) - after)
                values, plain = plain[:take], plain[take:]
                if not values and argument.nargs == '+':
                    missing.append(argument.label())
                elif values or argument.default is None:
                    setattr(found, argument.dest, [self._convert(argument, each) for each in values])
            elif isinstance(argument.nargs, int):
                values, plain = plain[:argument.nargs], plain[argument.nargs:]
                if len(values) < argument.nargs:
                    missing.append(argument.label())
                setattr(found, argument.dest, [self._convert(argument, each) for each in values])
            elif plain and (argument.nargs != '?' or len(plain) > after):
                setattr(found, argument.dest, self._convert(argument, plain.pop(0)))
            elif argument.nargs != '?':
                missing.append(argument.label())
        rest = plain + rest
        missing += [each.label() for each in self._arguments if each.option and each.required and each.dest not in seen]
        if self._sub and '#sub' not in seen:
            if self._sub.required:
                missing.append(self._sub.dest or 'command')
            elif self._sub.dest and not hasattr(found, self._sub.dest):
                setattr(found, self._sub.dest, None)
        if missing:
            self.error('the following arguments are required: ' + ', '.join(missing))
        for group in self._exclusive:
            used = [each for each in group.arguments if each.dest in seen]
            if len(used) > 1:
                self.error('argument %s: not allowed with argument %s' % (used[1].label(), used[0].label()))
            if group.required and not used:
                self.error('one of the arguments %s is required' % ' '.join(each.label() for each in group.arguments))
        for each in self._arguments:
            if isinstance(each.default, str) and each.type and each.dest not in seen and getattr(found, each.dest, None) is each.default:
                setattr(found, each.dest, self._convert(each, each.default))
        return found, rest
