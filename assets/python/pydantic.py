import json as _json
import re as _re

class ValidationError(ValueError):
    def __init__(self, title, errors):
        self.title, self._errors = title, errors
        self.args = (title,)
    def errors(self, **kwargs):
        return self._errors
    def error_count(self):
        return len(self._errors)
    def __str__(self):
        lines = ['%d validation error%s for %s' % (len(self._errors), '' if len(self._errors) == 1 else 's', self.title)]
        for each in self._errors:
            lines.append('.'.join(str(part) for part in each['loc']))
            lines.append('  %s [type=%s, input_value=%r, input_type=%s]' % (each['msg'], each['type'], each['input'], type(each['input']).__name__))
        return '\n'.join(lines)

class _Missing:
    pass

_missing = _Missing()

class FieldInfo:
    def __init__(self, default=_missing, default_factory=None, alias=None, gt=None, ge=None, lt=None, le=None, min_length=None, max_length=None, pattern=None, **kwargs):
        self.default, self.default_factory, self.alias = default, default_factory, alias
        self.gt, self.ge, self.lt, self.le = gt, ge, lt, le
        self.min_length, self.max_length, self.pattern = min_length, max_length, pattern
    def required(self):
        return (self.default is _missing or self.default is ...) and self.default_factory is None
    def value(self):
        return self.default_factory() if self.default_factory else self.default

def Field(default=_missing, **options):
    return FieldInfo(default, **options)

def _problem(kind, loc, message, given, **more):
    made = {'type': kind, 'loc': loc, 'msg': message, 'input': given}
    if more:
        made['ctx'] = more
    return made

def _whole(number):
    return int(number) if isinstance(number, float) and number == int(number) else number

def _check(info, value, loc, given, errors):
    for name, word, wrong in (('gt', 'greater than', lambda a, b: not a > b), ('ge', 'greater than or equal to', lambda a, b: not a >= b), ('lt', 'less than', lambda a, b: not a < b), ('le', 'less than or equal to', lambda a, b: not a <= b)):
        limit = getattr(info, name)
        if limit is not None and value is not None and wrong(value, limit):
            kind = {'gt': 'greater_than', 'ge': 'greater_than_equal', 'lt': 'less_than', 'le': 'less_than_equal'}[name]
            errors.append(_problem(kind, loc, 'Input should be %s %s' % (word, _whole(limit)), given, **{name: limit}))
    if isinstance(value, (str, list)):
        for name, word, wrong in (('min_length', 'least', lambda a, b: a < b), ('max_length', 'most', lambda a, b: a > b)):
            limit = getattr(info, name)
            if limit is None or not wrong(len(value), limit):
                continue
            short = 'short' if word == 'least' else 'long'
            many = '' if limit == 1 else 's'
            if isinstance(value, str):
                errors.append(_problem('string_too_' + short, loc, 'String should have at %s %d character%s' % (word, limit, many), given, **{name: limit}))
            else:
                errors.append(_problem('too_' + short, loc, 'List should have at %s %d item%s after validation, not %d' % (word, limit, many, len(value)), given, **{name: limit}))
        if info.pattern is not None and isinstance(value, str) and not _re.search(info.pattern, value):
            errors.append(_problem('string_pattern_mismatch', loc, "String should match pattern '%s'" % info.pattern, given, pattern=info.pattern))

def validate(kind, value, loc, errors, text=False):
    """The value as its annotation says; what is wrong goes into errors. `text`: from a path or a query."""
    origin = getattr(kind, '__origin__', None)
    args = getattr(kind, '__args__', ())
    if origin == 'Union':
        if value is None and None in args:
            return None
        tried = []
        for each in args:
            if each is None:
                continue
            own = []
            made = validate(each, value, loc, own, text)
            if not own:
                return made
            tried = tried or own
        errors.extend(tried)
        return value
    if origin == 'Annotated':
        made = validate(args[0], value, loc, errors, text)
        for each in args[1:]:
            if isinstance(each, FieldInfo):
                _check(each, made, loc, value, errors)
        return made
    if origin == 'Literal':
        if value not in args:
            shown = [repr(each) for each in args]
            errors.append(_problem('literal_error', loc, 'Input should be ' + (shown[0] if len(shown) == 1 else ', '.join(shown[:-1]) + ' or ' + shown[-1]), value, expected=', '.join(shown)))
        return value
    if kind is int:
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, int):
            return value
        if isinstance(value, float):
            if value == int(value):
                return int(value)
            errors.append(_problem('int_from_float', loc, 'Input should be a valid integer, got a number with a fractional part', value))
            return value
        if isinstance(value, str):
            try:
                return int(value)
            except ValueError:
                errors.append(_problem('int_parsing', loc, 'Input should be a valid integer, unable to parse string as an integer', value))
                return value
        errors.append(_problem('int_type', loc, 'Input should be a valid integer', value))
    elif kind is float:
        if isinstance(value, (int, float)):
            return float(value)
        if isinstance(value, str):
            try:
                return float(value)
            except ValueError:
                errors.append(_problem('float_parsing', loc, 'Input should be a valid number, unable to parse string as a number', value))
                return value
        errors.append(_problem('float_type', loc, 'Input should be a valid number', value))
    elif kind is bool:
        if isinstance(value, bool):
            return value
        words = {'true': True, '1': True, 'on': True, 'yes': True, 't': True, 'y': True, 'false': False, '0': False, 'off': False, 'no': False, 'f': False, 'n': False}
        if str(value).lower() in words and isinstance(value, (str, int)):
            return words[str(value).lower()]
        errors.append(_problem('bool_parsing' if isinstance(value, str) else 'bool_type', loc, 'Input should be a valid boolean, unable to interpret input' if isinstance(value, str) else 'Input should be a valid boolean', value))
    elif kind is str:
        if not isinstance(value, str):
            errors.append(_problem('string_type', loc, 'Input should be a valid string', value))
    elif kind is list or origin is list:
        if not isinstance(value, (list, tuple, set)):
            errors.append(_problem('list_type', loc, 'Input should be a valid list', value))
        elif args:
            return [validate(args[0], each, loc + (at,), errors, text) for at, each in enumerate(value)]
    elif kind is dict or origin is dict:
        if not isinstance(value, dict):
            errors.append(_problem('dict_type', loc, 'Input should be a valid dictionary', value))
        elif args:
            return {key: validate(args[1], each, loc + (key,), errors, text) for key, each in value.items()}
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        if isinstance(value, kind):
            return value
        if not isinstance(value, dict):
            errors.append(_problem('model_attributes_type', loc, 'Input should be a valid dictionary or object to extract fields from', value))
            return value
        return kind._build(value, loc, errors)
    return value

def _plain(value):
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value

class BaseModel:
    @classmethod
    def _fields(cls):
        found = {}
        for each in reversed(cls.__mro__):
            for name, kind in each.__dict__.get('__annotations__', {}).items():
                if not name.startswith('_') and name != 'model_config':
                    found[name] = kind
        return found
    @classmethod
    def _build(cls, values, loc, errors):
        made = object.__new__(cls)
        before = len(errors)
        given = set()
        for name, kind in cls._fields().items():
            default = getattr(cls, name, _missing)
            info = default if isinstance(default, FieldInfo) else FieldInfo(default)
            key = info.alias or name
            if key in values or name in values:
                value = values[key] if key in values else values[name]
                start = len(errors)
                made_value = validate(kind, value, loc + (key,), errors)
                if len(errors) == start:
                    _check(info, made_value, loc + (key,), value, errors)
                setattr(made, name, made_value)
                given.add(name)
            elif info.required():
                errors.append(_problem('missing', loc + (key,), 'Field required', values))
            else:
                value = info.value()
                setattr(made, name, value.copy() if isinstance(value, (list, dict)) else value)
        if len(errors) == before:
            for name in dir(cls):
                check = getattr(cls, name, None)
                fields = getattr(check, '_validates', None)
                for field in fields or []:
                    try:
                        setattr(made, field, check(getattr(made, field)))
                    except ValueError as error:
                        errors.append(_problem('value_error', loc + (field,), 'Value error, %s' % error, getattr(made, field)))
        made._given = given
        return made
    def __init__(self, **values):
        errors = []
        made = type(self)._build(values, (), errors)
        if errors:
            raise ValidationError(type(self).__name__, errors)
        for name, value in made.__dict__.items():
            setattr(self, name, value)
    @classmethod
    def model_validate(cls, value, **kwargs):
        return cls(**value)
    @classmethod
    def model_validate_json(cls, text):
        return cls(**_json.loads(text))
    def model_dump(self, exclude_unset=False, exclude_none=False, exclude=None, include=None, **kwargs):
        made = {}
        for name in self._fields():
            value = getattr(self, name)
            if exclude_unset and name not in self._given or exclude_none and value is None or exclude and name in exclude or include and name not in include:
                continue
            made[name] = _plain(value)
        return made
    dict = model_dump
    def model_dump_json(self, indent=None, **kwargs):
        if indent is None:
            return _json.dumps(self.model_dump(**kwargs), separators=(',', ':'))
        return _json.dumps(self.model_dump(**kwargs), indent=indent)
    json = model_dump_json
    def model_copy(self, update=None, **kwargs):
        values = self.model_dump()
        values.update(update or {})
        return type(self)(**values)
    def __eq__(self, other):
        return type(self) is type(other) and self.model_dump() == other.model_dump()
    def __repr__(self):
        return '%s(%s)' % (type(self).__name__, ', '.join('%s=%r' % (name, getattr(self, name)) for name in self._fields()))
    def __str__(self):
        return ' '.join('%s=%r' % (name, getattr(self, name)) for name in self._fields())

def ConfigDict(**values):
    return values

def field_validator(*fields, **options):
    def decorate(method):
        inner = method
        def check(value):
            return inner.__func__(None, value) if hasattr(inner, '__func__') else inner(None, value)
        check._validates = fields
        return staticmethod(check)
    return decorate

validator = field_validator
EmailStr = HttpUrl = str
