import json as _json
import os
import sys
import time
import re as _re
from http.server import BaseHTTPRequestHandler, HTTPServer, Headers, _reasons
from wsgiref.simple_server import _environ
from urllib.parse import parse_qsl, unquote

_statuses = dict(_reasons)
_statuses.update({405: 'METHOD NOT ALLOWED', 404: 'NOT FOUND', 500: 'INTERNAL SERVER ERROR', 400: 'BAD REQUEST', 201: 'CREATED', 415: 'UNSUPPORTED MEDIA TYPE', 302: 'FOUND', 301: 'MOVED PERMANENTLY', 308: 'PERMANENT REDIRECT', 204: 'NO CONTENT', 401: 'UNAUTHORIZED', 403: 'FORBIDDEN', 409: 'CONFLICT', 422: 'UNPROCESSABLE ENTITY', 503: 'SERVICE UNAVAILABLE', 202: 'ACCEPTED'})
_words = {404: 'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.', 405: 'The method is not allowed for the requested URL.', 500: 'The server encountered an internal error and was unable to complete your request. Either the server is overloaded or there is an error in the application.', 400: 'The browser (or proxy) sent a request that this server could not understand.', 401: "The server could not verify that you are authorized to access the URL requested.", 403: "You don't have the permission to access the requested resource. It is either read-protected or not readable by the server.", 415: 'Did not attempt to load JSON data because the request Content-Type was not \'application/json\'.'}
_titles = {404: 'Not Found', 405: 'Method Not Allowed', 500: 'Internal Server Error', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 409: 'Conflict', 415: 'Unsupported Media Type', 422: 'Unprocessable Entity', 503: 'Service Unavailable'}

class HTTPException(Exception):
    def __init__(self, code, description=None):
        self.code, self.description, self.name = code, description or _words.get(code, ''), _titles.get(code, '')
        self.args = (description,)
    def __str__(self):
        return '%d %s: %s' % (self.code, self.name, self.description)

def abort(code, description=None):
    raise HTTPException(code, description)

class _Args(dict):
    pass

class _Multi:
    def __init__(self, pairs):
        self._pairs = list(pairs)
    def get(self, key, default=None, type=None):
        for name, value in self._pairs:
            if name == key:
                try:
                    return type(value) if type else value
                except ValueError:
                    return default
        return default
    def getlist(self, key):
        return [value for name, value in self._pairs if name == key]
    def __getitem__(self, key):
        found = self.get(key)
        if found is None:
            raise HTTPException(400)
        return found
    def __contains__(self, key):
        return any(name == key for name, value in self._pairs)
    def __iter__(self):
        return iter([name for name, value in self._pairs])
    def __len__(self):
        return len(self._pairs)
    def items(self):
        return list(self._pairs)
    def to_dict(self):
        return {name: value for name, value in self._pairs}

class _Request:
    def _set(self, environ):
        self.environ = environ
        self.method = environ['REQUEST_METHOD']
        query = environ.get('QUERY_STRING', '')
        self.path = environ['PATH_INFO']
        self.full_path = self.path + '?' + query
        self.query_string = query.encode()
        self.headers = Headers()
        for name, value in environ.items():
            if name.startswith('HTTP_'):
                self.headers.add('-'.join(word.capitalize() for word in name[5:].split('_')), value)
            elif name in ('CONTENT_TYPE', 'CONTENT_LENGTH') and value:
                self.headers.add('-'.join(word.capitalize() for word in name.split('_')), value)
        size = int(environ.get('CONTENT_LENGTH') or 0)
        self.data = environ['wsgi.input'].read(size) if size else b''
        self.content_length = size
        self.args = _Multi(parse_qsl(query, True))
        self.content_type = self.headers.get('Content-Type')
        self.mimetype = (self.content_type or '').split(';')[0]
        self.form = _Multi(parse_qsl(self.data.decode(), True)) if 'x-www-form-urlencoded' in self.mimetype else _Multi([])
        self.values = _Multi(self.args.items() + self.form.items())
        self.remote_addr = environ.get('REMOTE_ADDR')
        self.user_agent = self.headers.get('User-Agent') or ''
        self.host = environ.get('HTTP_HOST') or environ.get('SERVER_NAME', '')
        self.url_root = self.host_url = 'http://' + self.host + '/'
        self.root_url = self.url_root
        self.base_url = 'http://' + self.host + self.path
        self.url = self.base_url + ('?' + query if query else '')
        self.scheme = 'http'
        self.files = {}
        self.cookies = {}
        for part in (self.headers.get('Cookie') or '').split('; '):
            name, _, value = part.partition('=')
            if name:
                self.cookies[name] = value
        self.view_args = {}
        self.endpoint = None
    @property
    def is_json(self):
        return 'json' in self.mimetype
    @property
    def json(self):
        return self.get_json()
    def get_json(self, force=False, silent=False):
        if not force and not self.is_json:
            if silent:
                return None
            raise HTTPException(415)
        try:
            return _json.loads(self.data.decode())
        except ValueError:
            if silent:
                return None
            raise HTTPException(400)
    def get_data(self, as_text=False):
        return self.data.decode() if as_text else self.data

request = _Request()

class _Globals:
    pass
g = _Globals()
session = {}

class Response:
    def __init__(self, response='', status=200, headers=None, mimetype=None, content_type=None):
        self.data = response if isinstance(response, bytes) else ''.join(response).encode() if isinstance(response, (list, tuple)) else str(response).encode()
        self.status_code = int(str(status).split()[0])
        self.headers = Headers()
        kind = content_type or mimetype or 'text/html'
        self.headers.add('Content-Type', kind + '; charset=utf-8' if kind.startswith('text/') and 'charset' not in kind else kind)
        for name, value in (headers.items() if isinstance(headers, dict) else headers or []):
            self._header(name, value)
    def _header(self, name, value):
        self.headers._list = [pair for pair in self.headers._list if pair[0].lower() != name.lower()] + [(name, value)]
    def set_cookie(self, name, value='', max_age=None, path='/', httponly=False, **kwargs):
        self.headers.add('Set-Cookie', '%s=%s; %sPath=%s%s' % (name, value, 'Max-Age=%d; ' % max_age if max_age is not None else '', path, '; HttpOnly' if httponly else ''))
    def get_json(self):
        return _json.loads(self.data.decode())
    @property
    def json(self):
        return self.get_json()
    @property
    def text(self):
        return self.data.decode()
    @property
    def status(self):
        return '%d %s' % (self.status_code, _statuses.get(self.status_code, 'UNKNOWN').upper())
    @property
    def mimetype(self):
        return (self.headers.get('Content-Type') or '').split(';')[0]

def _error(code, description):
    title = _titles.get(code, '')
    return '<!doctype html>\n<html lang=en>\n<title>%d %s</title>\n<h1>%s</h1>\n<p>%s</p>\n' % (code, title, title, (description or '').replace("'", '&#39;'))

def make_response(*args):
    return _make(args[0] if len(args) == 1 else args)

def _make(value):
    status, headers = None, None
    if isinstance(value, tuple):
        if len(value) == 3:
            value, status, headers = value
        elif isinstance(value[1], (dict, list)):
            value, headers = value
        else:
            value, status = value
    if value is None:
        raise TypeError("The view function for '%s' did not return a valid response. The function either returned None or ended without a return statement." % request.endpoint)
    if isinstance(value, (dict, list)):
        value = jsonify(value)
    made = value if isinstance(value, Response) else Response(value)
    if status is not None:
        made.status_code = int(str(status).split()[0])
    for name, each in (headers.items() if isinstance(headers, dict) else headers or []):
        made._header(name, each)
    return made

def jsonify(*args, **kwargs):
    value = kwargs if kwargs else args[0] if len(args) == 1 else list(args)
    compact = not _current['app'].debug
    text = _json.dumps(value, separators=(',', ':'), sort_keys=True, default=str) if compact else _json.dumps(value, indent=2, sort_keys=True, default=str)
    return Response(text + '\n', mimetype='application/json')

def redirect(location, code=302):
    body = '<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n<p>You should be redirected automatically to the target URL: <a href="%s">%s</a>. If not, click the link.\n' % (location, location)
    return Response(body, code, {'Location': location})

def escape(text):
    return str(text).replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;').replace('"', '&#34;').replace("'", '&#39;')

_current = {'app': None}

def url_for(endpoint, **values):
    for rule in _current['app']._rules:
        if rule.endpoint == endpoint:
            url = rule.rule
            for name in list(values):
                for form in ('<%s>' % name, '<int:%s>' % name, '<string:%s>' % name, '<path:%s>' % name):
                    if form in url:
                        url = url.replace(form, str(values.pop(name)))
                        break
            return url
    if endpoint == 'static':
        return '/static/' + values.get('filename', '')
    raise ValueError('Could not build url for endpoint %r.' % endpoint)

def _lookup(path, names):
    path = path.strip()
    if path.startswith('"') or path.startswith("'"):
        return path[1:-1]
    if path.isdigit():
        return int(path)
    call = path.endswith('()')
    parts = path.replace('()', '').replace('[', '.').replace(']', '').replace("'", '').replace('"', '').split('.')
    value = names.get(parts[0], '')
    for part in parts[1:]:
        if isinstance(value, dict):
            value = value.get(part, '')
        elif isinstance(value, (list, tuple)) and part.isdigit():
            value = value[int(part)]
        else:
            value = getattr(value, part, '')
    return value() if call else value

def _value(text, names):
    head, *filters = text.split('|')
    if 'url_for(' in head:
        target = _re.search(r"url_for\(\s*['\"]([\w.]+)['\"](?:\s*,\s*filename\s*=\s*['\"]([^'\"]+)['\"])?", head)
        value = url_for(target.group(1), filename=target.group(2)) if target.group(2) else url_for(target.group(1))
        return value
    for operator in (' == ', ' != ', ' > ', ' < ', ' + '):
        if operator in head:
            a, b = head.split(operator, 1)
            x, y = _lookup(a, names), _lookup(b, names)
            return {' == ': lambda: x == y, ' != ': lambda: x != y, ' > ': lambda: x > y, ' < ': lambda: x < y, ' + ': lambda: x + y}[operator]()
    value = not _lookup(head.strip()[4:], names) if head.strip().startswith('not ') else _lookup(head, names)
    for each in filters:
        name = each.strip().split('(')[0]
        if name == 'upper':
            value = str(value).upper()
        elif name == 'lower':
            value = str(value).lower()
        elif name == 'length':
            value = len(value)
        elif name == 'safe':
            value = _Safe(value)
        elif name == 'default' and value == '':
            value = each.strip()[9:-2]
        elif name == 'title':
            value = str(value).title()
    return value

class _Safe:
    def __init__(self, text):
        self.text = str(text)

def _render(source, names):
    tokens = _re.split(r'(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})', source)
    out, _ = _run(tokens, 0, names, ())
    return out

def _skip(tokens, at, ends):
    depth = 0
    while at < len(tokens):
        token = tokens[at]
        if token.startswith('{%'):
            word = token.strip('{%-} ').split()[0]
            if depth == 0 and word in ends:
                return at
            if word in ('if', 'for', 'block'):
                depth += 1
            elif word in ('endif', 'endfor', 'endblock'):
                depth -= 1
        at += 1
    return at

def _run(tokens, at, names, ends):
    out = ''
    while at < len(tokens):
        token = tokens[at]
        if token.startswith('{{'):
            value = _value(token[2:-2].strip(), names)
            out += value.text if isinstance(value, _Safe) else escape(value)
        elif token.startswith('{%'):
            words = token[2:-2].strip('- ').split()
            if words[0] in ends:
                return out, at
            if words[0] == 'if':
                end = at
                done = False
                condition = ' '.join(words[1:])
                while True:
                    branch = end + 1
                    end = _skip(tokens, branch, ('elif', 'else', 'endif'))
                    if not done and (condition is None or _value(condition, names)):
                        part, _ = _run(tokens[branch:end], 0, names, ())
                        out += part
                        done = True
                    if end >= len(tokens):
                        break
                    following = tokens[end][2:-2].strip('- ').split()
                    if following[0] == 'endif':
                        break
                    condition = ' '.join(following[1:]) if following[0] == 'elif' else None
                at = end
            elif words[0] == 'for':
                end = _skip(tokens, at + 1, ('endfor',))
                into = words.index('in')
                targets = [each for each in ''.join(words[1:into]).split(',')]
                items = _value(' '.join(words[into + 1:]), names)
                for index, each in enumerate(items or []):
                    inner = dict(names)
                    inner['loop'] = {'index': index + 1, 'index0': index, 'first': index == 0}
                    if len(targets) == 1:
                        inner[targets[0]] = each
                    else:
                        for name, one in zip(targets, each):
                            inner[name] = one
                    part, _ = _run(tokens[at + 1:end], 0, inner, ())
                    out += part
                at = end
        elif not token.startswith('{#'):
            out += token
        at += 1
    return out, at

def _blocks(source):
    found = {}
    for match in _re.finditer(r'\{%-?\s*block\s+(\w+)\s*-?%\}([\s\S]*?)\{%-?\s*endblock[^%]*%\}', source):
        found[match.group(1)] = match.group(2)
    return found

def render_template_string(source, **names):
    return _render(source, {'request': request, 'session': session, 'g': g, **names})

def render_template(name, **names):
    folder = os.path.join(_current['app'].root_path, _current['app'].template_folder)
    def read(each):
        path = os.path.join(folder, each)
        if not os.path.exists(path):
            raise TemplateNotFound(each)
        with open(path) as file:
            return file.read()
    source = read(name)
    base = _re.search(r'\{%-?\s*extends\s+[\'"]([^\'"]+)[\'"]\s*-?%\}', source)
    if base:
        own = _blocks(source)
        source = _re.sub(r'\{%-?\s*block\s+(\w+)\s*-?%\}([\s\S]*?)\{%-?\s*endblock[^%]*%\}', lambda match: own.get(match.group(1), match.group(2)), read(base.group(1)))
    return render_template_string(source, **names)

class TemplateNotFound(Exception):
    pass

def send_from_directory(directory, filename, **kwargs):
    return send_file(os.path.join(directory, filename))

def send_file(path, mimetype=None, **kwargs):
    from http.server import _types
    full = path if os.path.isabs(path) else os.path.join(_current['app'].root_path, path)
    if not os.path.isfile(full):
        raise HTTPException(404)
    with open(full, 'rb') as file:
        return Response(file.read(), mimetype=mimetype or _types.get(os.path.splitext(full)[1], 'application/octet-stream'))

class _Rule:
    def __init__(self, rule, endpoint, methods, view):
        self.rule, self.endpoint, self.methods, self.view = rule, endpoint, methods, view
        self.names = []
        pattern = ''
        for part in _re.split(r'(<[^>]+>)', rule):
            if part.startswith('<'):
                kind, _, name = part[1:-1].rpartition(':')
                self.names.append((name, kind))
                pattern += {'int': r'(\d+)', 'float': r'(\d+\.\d+)', 'path': r'(.+)'}.get(kind, r'([^/]+)')
            else:
                pattern += _re.escape(part)
        self.pattern = pattern
    def match(self, path):
        found = _re.fullmatch(self.pattern, path)
        if not found:
            return None
        values = {}
        for (name, kind), text in zip(self.names, found.groups()):
            values[name] = int(text) if kind == 'int' else float(text) if kind == 'float' else text
        return values

class _Logger:
    def __init__(self, app):
        self._app = app
    def _write(self, level, message, *args):
        text = str(message) % args if args else str(message)
        now = time.time()
        sys.stderr.write('[%s,%03d] %s in %s: %s\n' % (time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(now)), int(now * 1000 % 1000), level, self._app.name, text))
    def info(self, message, *args):
        import logging
        if self._app.debug or logging.getLogger().isEnabledFor(20):
            self._write('INFO', message, *args)
    def debug(self, message, *args):
        if self._app.debug:
            self._write('DEBUG', message, *args)
    def warning(self, message, *args):
        self._write('WARNING', message, *args)
    def error(self, message, *args):
        self._write('ERROR', message, *args)
    def exception(self, message, *args):
        self._write('ERROR', message, *args)
        import traceback
        traceback.print_exc()
    def setLevel(self, level):
        pass

class _Routes:
    def route(self, rule, methods=None, endpoint=None, **kwargs):
        def decorate(view):
            self.add_url_rule(rule, endpoint or view.__name__, view, methods=methods)
            return view
        return decorate
    def get(self, rule, **kwargs):
        return self.route(rule, methods=['GET'], **kwargs)
    def post(self, rule, **kwargs):
        return self.route(rule, methods=['POST'], **kwargs)
    def put(self, rule, **kwargs):
        return self.route(rule, methods=['PUT'], **kwargs)
    def delete(self, rule, **kwargs):
        return self.route(rule, methods=['DELETE'], **kwargs)
    def patch(self, rule, **kwargs):
        return self.route(rule, methods=['PATCH'], **kwargs)
    def before_request(self, view):
        self._before.append(view)
        return view
    def after_request(self, view):
        self._after.append(view)
        return view
    def teardown_appcontext(self, view):
        return view
    teardown_request = teardown_appcontext
    def errorhandler(self, code):
        def decorate(view):
            self._handlers.append((code, view))
            return view
        return decorate

class Blueprint(_Routes):
    def __init__(self, name, import_name, url_prefix=None, **kwargs):
        self.name, self.url_prefix, self._rules, self._before, self._after, self._handlers = name, url_prefix or '', [], [], [], []
    def add_url_rule(self, rule, endpoint, view, methods=None):
        self._rules.append((rule, endpoint, view, methods))

class Flask(_Routes):
    def __init__(self, import_name, static_folder='static', template_folder='templates', static_url_path=None, **kwargs):
        self.import_name = self.name = import_name
        self.root_path = os.getcwd()
        module = sys.modules.get(import_name)
        file = getattr(module, '__file__', None)
        if file:
            self.root_path = os.path.dirname(os.path.abspath(file))
        if import_name == '__main__' and file:
            self.name = os.path.splitext(os.path.basename(file))[0]
        self.static_folder, self.template_folder, self.static_url_path = static_folder, template_folder, static_url_path
        self.config = {'DEBUG': False, 'TESTING': False}
        self.debug = os.environ.get('FLASK_DEBUG') in ('1', 'true')
        self.secret_key = None
        self._rules, self._before, self._after, self._handlers = [], [], [], []
        self.logger = _Logger(self)
        _current['app'] = self
    def add_url_rule(self, rule, endpoint=None, view_func=None, methods=None, **kwargs):
        self._rules.append(_Rule(rule, endpoint or view_func.__name__, [each.upper() for each in methods or ['GET']], view_func))
    def register_blueprint(self, blueprint, url_prefix=None, **kwargs):
        for rule, endpoint, view, methods in blueprint._rules:
            self.add_url_rule((url_prefix or blueprint.url_prefix) + rule, blueprint.name + '.' + endpoint, view, methods)
        self._before += blueprint._before
    def app_context(self):
        return _Context()
    def test_client(self):
        return _Client(self)
    def __call__(self, environ, start_response):
        return self.wsgi_app(environ, start_response)
    def wsgi_app(self, environ, start_response):
        made = self._respond(environ)
        start_response('%d %s' % (made.status_code, _statuses.get(made.status_code, 'UNKNOWN').upper()), made.headers.items() + [('Content-Length', str(len(made.data)))])
        return [made.data]
    def _respond(self, environ):
        _current['app'] = self
        request._set(environ)
        made = self._handle()
        for each in self._after:
            made = each(made) or made
        return made
    def _find(self):
        allowed = set()
        for rule in self._rules:
            values = rule.match(request.path)
            if values is None:
                if rule.rule.endswith('/') and rule.match(request.path + '/') is not None:
                    return redirect('http://' + request.host + request.path + '/', 308), None
                continue
            methods = set(rule.methods) | {'OPTIONS'} | ({'HEAD'} if 'GET' in rule.methods else set())
            if request.method in methods:
                if request.method == 'OPTIONS' and 'OPTIONS' not in rule.methods:
                    return Response('', 200, {'Allow': ', '.join(sorted(methods))}), None
                request.view_args, request.endpoint = values, rule.endpoint
                return rule, values
            allowed |= methods
        if self.static_folder and request.path.startswith((self.static_url_path or '/static').rstrip('/') + '/'):
            prefix = (self.static_url_path or '/static').rstrip('/') + '/'
            return send_from_directory(os.path.join(self.root_path, self.static_folder), request.path[len(prefix):]), None
        if allowed:
            raise _NotAllowed(sorted(allowed))
        raise HTTPException(404)
    def _handle(self):
        try:
            found, values = self._find()
            if isinstance(found, Response):
                return found
            for each in self._before:
                early = each()
                if early is not None:
                    return _make(early)
            return _make(found.view(**values))
        except Exception as error:
            for code, view in self._handlers:
                if (isinstance(code, int) and code == getattr(error, 'code', 500)) or (not isinstance(code, int) and isinstance(error, code)):
                    made = _make(view(error))
                    return made
            if isinstance(error, HTTPException):
                made = Response(_error(error.code, error.description), error.code)
                if isinstance(error, _NotAllowed):
                    made._header('Allow', ', '.join(error.allowed))
                return made
            now = time.time()
            sys.stderr.write('[%s,%03d] ERROR in %s: Exception on %s [%s]\n' % (time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(now)), int(now * 1000 % 1000), self.name, request.path, request.method))
            import traceback
            traceback.print_exc()
            return Response(_error(500, _words[500]), 500)
    def run(self, host=None, port=None, debug=None, load_dotenv=True, **kwargs):
        if debug is not None:
            self.debug = debug
        host, port = host or '127.0.0.1', int(port or os.environ.get('FLASK_RUN_PORT') or 5000)
        app = self
        print(" * Serving Flask app '%s'" % self.name, flush=True)
        print(' * Debug mode: %s' % ('on' if self.debug else 'off'), flush=True)
        _serve(app, host, port)

class _Bytes:
    def __init__(self, data):
        self._data = data
    def read(self, size=-1):
        return self._data

class _Client:
    def __init__(self, app):
        self._app = app
    def open(self, path, method='GET', json=None, data=None, headers=None, content_type=None, query_string=None):
        path, _, query = path.partition('?')
        if json is not None:
            data, content_type = _json.dumps(json), 'application/json'
        elif isinstance(data, dict):
            data, content_type = '&'.join('%s=%s' % pair for pair in data.items()), 'application/x-www-form-urlencoded'
        body = data.encode() if isinstance(data, str) else data or b''
        environ = {'REQUEST_METHOD': method, 'PATH_INFO': unquote(path), 'QUERY_STRING': query, 'SERVER_NAME': 'localhost', 'HTTP_HOST': 'localhost', 'REMOTE_ADDR': '127.0.0.1', 'CONTENT_TYPE': content_type or '', 'CONTENT_LENGTH': str(len(body)), 'wsgi.input': _Bytes(body)}
        for name, value in (headers or {}).items():
            environ['HTTP_' + name.upper().replace('-', '_')] = value
        return self._app._respond(environ)
    def get(self, path, **options):
        return self.open(path, 'GET', **options)
    def post(self, path, **options):
        return self.open(path, 'POST', **options)
    def put(self, path, **options):
        return self.open(path, 'PUT', **options)
    def delete(self, path, **options):
        return self.open(path, 'DELETE', **options)
    def patch(self, path, **options):
        return self.open(path, 'PATCH', **options)
    def __enter__(self):
        return self
    def __exit__(self, *args):
        return False

class _NotAllowed(HTTPException):
    def __init__(self, allowed):
        self.code, self.allowed, self.name = 405, allowed, 'Method Not Allowed'
        self.description = _words[405]
        self.args = ()

class _Context:
    def __enter__(self):
        return self
    def __exit__(self, *args):
        return False

def _serve(app, host, port):
    import socket
    from importlib.metadata import version
    class Handler(BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        def _any(self):
            made = app._respond(_environ(self))
            code = made.status_code
            self.log_message('"%s" %d -', self.requestline, code)
            self.send_response_only(code, _statuses.get(code, 'UNKNOWN').upper())
            self.send_header('Server', 'Werkzeug/%s Python/%s' % (version('werkzeug'), sys.version.split()[0]))
            self.send_header('Date', self.date_time_string())
            for name, value in made.headers.items():
                self.send_header(name, value)
            if code != 204:
                self.send_header('Content-Length', str(len(made.data)))
            self.send_header('Connection', 'close')
            self.end_headers()
            if self.command != 'HEAD' and code not in (204, 304):
                self.wfile.write(made.data)
        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _any
    try:
        server = HTTPServer((host, port), Handler)
    except OSError as error:
        if error.args[0] == 98:
            sys.stderr.write('Address already in use\nPort %d is in use by another program. Either identify and stop that program, or start the server with a different port.\n' % port)
            sys.exit(1)
        raise
    lines = ['\x1b[31m\x1b[1mWARNING: This is a development server. Do not use it in a production deployment. Use a production WSGI server instead.\x1b[0m']
    if host in ('0.0.0.0', '::'):
        own = socket.gethostbyname(socket.gethostname())
        lines.append(' * Running on all addresses (%s)' % host)
        lines.append(' * Running on http://127.0.0.1:%d' % port)
        lines.append(' * Running on http://%s:%d' % (own, port))
    else:
        lines.append(' * Running on http://%s:%d' % (host, port))
    sys.stderr.write('\n'.join(lines) + '\n\x1b[33mPress CTRL+C to quit\x1b[0m\n')
    if app.debug:
        sys.stderr.write(' * Restarting with stat\n * Debugger is active!\n * Debugger PIN: 123-456-789\n')
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass

current_app = _current
