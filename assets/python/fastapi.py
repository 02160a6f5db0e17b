import asyncio as _asyncio
import json as _json
import re as _re
from http.server import _reasons, _types
from urllib.parse import parse_qsl, unquote
from pydantic import BaseModel, FieldInfo, ValidationError, validate, _check, _missing, _plain, _problem

class HTTPException(Exception):
    def __init__(self, status_code, detail=None, headers=None):
        self.status_code, self.headers = status_code, headers
        self.detail = _reasons.get(status_code, '') if detail is None else detail
        self.args = (status_code, self.detail)
    def __str__(self):
        return '%d: %s' % (self.status_code, self.detail)

class _Statuses:
    HTTP_200_OK, HTTP_201_CREATED, HTTP_202_ACCEPTED, HTTP_204_NO_CONTENT = 200, 201, 202, 204
    HTTP_400_BAD_REQUEST, HTTP_401_UNAUTHORIZED, HTTP_403_FORBIDDEN, HTTP_404_NOT_FOUND, HTTP_409_CONFLICT = 400, 401, 403, 404, 409
    HTTP_422_UNPROCESSABLE_ENTITY, HTTP_500_INTERNAL_SERVER_ERROR, HTTP_503_SERVICE_UNAVAILABLE = 422, 500, 503

status = _Statuses()

class Response:
    media_type = None
    def __init__(self, content=None, status_code=200, headers=None, media_type=None, background=None):
        self.status_code, self.headers = status_code, dict(headers or {})
        self.media_type = media_type or self.media_type
        self.body = self.render(content)
    def render(self, content):
        if content is None:
            return b''
        return content if isinstance(content, bytes) else str(content).encode()
    def set_cookie(self, key, value='', max_age=None, path='/', httponly=False, **kwargs):
        self.headers['set-cookie'] = '%s=%s%s%s; Path=%s; SameSite=lax' % (key, value, '; HttpOnly' if httponly else '', '; Max-Age=%d' % max_age if max_age is not None else '', path)

class JSONResponse(Response):
    media_type = 'application/json'
    def render(self, content):
        return _json.dumps(_plain(content), separators=(',', ':'), ensure_ascii=False, default=str).encode()

class PlainTextResponse(Response):
    media_type = 'text/plain'

class HTMLResponse(Response):
    media_type = 'text/html'

class RedirectResponse(Response):
    def __init__(self, url, status_code=307, headers=None):
        Response.__init__(self, b'', status_code, headers)
        self.headers['location'] = str(url)

class FileResponse(Response):
    def __init__(self, path, status_code=200, media_type=None, filename=None, headers=None):
        import os
        with open(path, 'rb') as file:
            data = file.read()
        Response.__init__(self, data, status_code, headers, media_type or _types.get(os.path.splitext(path)[1], 'application/octet-stream'))

class _Parameter(FieldInfo):
    place = 'query'
    def __init__(self, default=_missing, **options):
        FieldInfo.__init__(self, default, **options)

class Query(_Parameter):
    place = 'query'

class Path(_Parameter):
    place = 'path'

class Header(_Parameter):
    place = 'header'

class Cookie(_Parameter):
    place = 'cookie'

class Body(_Parameter):
    place = 'body'

class Form(_Parameter):
    place = 'form'

class Depends:
    def __init__(self, dependency=None, use_cache=True):
        self.dependency = dependency

class BackgroundTasks:
    def __init__(self):
        self.tasks = []
    def add_task(self, function, *args, **kwargs):
        self.tasks.append((function, args, kwargs))

class _State:
    pass

class _Url:
    def __init__(self, text, path):
        self._text, self.path = text, path
    def __str__(self):
        return self._text

class _Client:
    def __init__(self, host, port):
        self.host, self.port = host, port

class Request:
    def __init__(self, method='GET', target='/', headers=None, body=b'', client=('127.0.0.1', 0)):
        self.method, self.headers, self._body = method, headers, body
        path, _, query = target.partition('?')
        self.path, self.query = unquote(path), query
        self.query_params = dict(parse_qsl(query, True))
        self._pairs = parse_qsl(query, True)
        self.client = _Client(client[0], client[1])
        self.path_params, self.state, self.cookies = {}, _State(), {}
        self.url = _Url('http://' + (self._header('host') or 'localhost') + target, self.path)
        for part in (self._header('cookie') or '').split('; '):
            name, _, value = part.partition('=')
            if name:
                self.cookies[name] = value
    def _header(self, name):
        return self.headers.get(name) if self.headers is not None else None
    async def body(self):
        return self._body
    async def json(self):
        return _json.loads(self._body.decode())
    async def form(self):
        return dict(parse_qsl(self._body.decode(), True))

def _wait(value):
    return _asyncio.run(value) if type(value).__name__ == 'coroutine' else value

class _Route:
    def __init__(self, path, methods, endpoint, status_code, response_class, name, include):
        self.path, self.methods, self.endpoint = path, methods, endpoint
        self.status_code, self.response_class, self.name, self.include = status_code, response_class, name, include
        self.names, pattern = [], ''
        for part in _re.split(r'(\{[^}]+\})', path):
            if part.startswith('{'):
                name, _, kind = part[1:-1].partition(':')
                self.names.append(name)
                pattern += r'(.+)' if kind == 'path' else r'([^/]+)'
            else:
                pattern += _re.escape(part)
        self.pattern = pattern
    def match(self, path):
        found = _re.fullmatch(self.pattern, path)
        return None if found is None else dict(zip(self.names, found.groups()))

class RequestValidationError(ValueError):
    def __init__(self, errors):
        self._errors = errors
        self.args = (errors,)
    def errors(self):
        return self._errors

class _Routes:
    def add_api_route(self, path, endpoint, methods=None, status_code=None, response_class=None, name=None, include_in_schema=True, **kwargs):
        self.routes.append(_Route(self.prefix + path, methods or ['GET'], endpoint, status_code, response_class, name or endpoint.__name__, include_in_schema))
    def api_route(self, path, methods=None, **options):
        def decorate(endpoint):
            self.add_api_route(path, endpoint, methods, **options)
            return endpoint
        return decorate
    def get(self, path, **options):
        return self.api_route(path, ['GET'], **options)
    def post(self, path, **options):
        return self.api_route(path, ['POST'], **options)
    def put(self, path, **options):
        return self.api_route(path, ['PUT'], **options)
    def delete(self, path, **options):
        return self.api_route(path, ['DELETE'], **options)
    def patch(self, path, **options):
        return self.api_route(path, ['PATCH'], **options)

class APIRouter(_Routes):
    def __init__(self, prefix='', tags=None, **kwargs):
        self.prefix, self.routes = prefix, []

class FastAPI(_Routes):
    def __init__(self, title='FastAPI', version='0.1.0', description='', lifespan=None, docs_url='/docs', openapi_url='/openapi.json', **kwargs):
        self.title, self.version, self.description, self.docs_url, self.openapi_url = title, version, description, docs_url, openapi_url
        self.prefix, self.routes, self.state = '', [], _State()
        self._starts, self._stops, self._handlers, self._middle, self._cors = [], [], [], [], None
        self._lifespan, self._running = lifespan, None
        self.dependency_overrides = {}
    def include_router(self, router, prefix='', **kwargs):
        for each in router.routes:
            self.routes.append(_Route(prefix + each.path, each.methods, each.endpoint, each.status_code, each.response_class, each.name, each.include))
    def on_event(self, name):
        def decorate(function):
            (self._starts if name == 'startup' else self._stops).append(function)
            return function
        return decorate
    def exception_handler(self, kind):
        def decorate(function):
            self._handlers.append((kind, function))
            return function
        return decorate
    def middleware(self, kind):
        def decorate(function):
            self._middle.append(function)
            return function
        return decorate
    def add_middleware(self, kind, **options):
        if kind.__name__ == 'CORSMiddleware':
            self._cors = options
    def mount(self, path, app, name=None):
        raise NotImplementedError('minidock: mounted applications are not modelled')
    def _startup(self):
        if self._lifespan:
            self._running = self._lifespan(self)
            _asyncio.run(self._running.__aenter__()) if hasattr(self._running, '__aenter__') else next(self._running, None)
        for each in self._starts:
            _wait(each())
    def _shutdown(self):
        for each in self._stops:
            _wait(each())
        if self._running is not None and not hasattr(self._running, '__aenter__'):
            next(self._running, None)
    def openapi(self):
        paths = {}
        for route in self.routes:
            if not route.include:
                continue
            for method in route.methods:
                words = ' '.join(word.capitalize() for word in route.name.split('_'))
                where = _re.sub(r'[^a-zA-Z0-9]', '_', route.path)
                done = {'description': 'Successful Response', 'content': {'application/json': {'schema': {}}}}
                paths.setdefault(route.path, {})[method.lower()] = {'summary': words, 'operationId': '%s%s_%s' % (route.name, where, method.lower()), 'responses': {str(route.status_code or 200): done}}
        return {'openapi': '3.1.0', 'info': {'title': self.title, 'version': self.version}, 'paths': paths}
    def _arguments(self, function, request, body, errors, background):
        values = {}
        notes = function.__annotations__
        parameters = function._parameters
        models = [name for name in parameters if isinstance(notes.get(name), type) and issubclass(notes[name], BaseModel)]
        bodies = models + [name for name, default in parameters.items() if default and isinstance(default[0], Body)]
        for name, default in parameters.items():
            kind = notes.get(name, _missing)
            given = default[0] if default else _missing
            if getattr(kind, '__origin__', None) == 'Annotated':
                for extra in kind.__args__[1:]:
                    if isinstance(extra, (_Parameter, Depends)):
                        if isinstance(extra, _Parameter) and given is not _missing:
                            extra.default = given
                        given = extra
                kind = kind.__args__[0]
            if kind is Request:
                values[name] = request
            elif kind is Response:
                values[name] = request.response
            elif kind is BackgroundTasks:
                values[name] = background
            elif isinstance(given, Depends):
                values[name] = self._depend(given.dependency or kind, request, body, errors, background)
            elif name in bodies:
                info = given if isinstance(given, FieldInfo) else FieldInfo(given)
                self._body(name, kind, info, request, body, errors, values, len(bodies) > 1)
            else:
                info = given if isinstance(given, FieldInfo) else FieldInfo(given)
                place = 'path' if name in request.path_params else getattr(info, 'place', 'query')
                self._one(name, kind, info, place, request, errors, values)
        return values
    def _body(self, name, kind, info, request, body, errors, values, embedded):
        if 'value' not in body:
            if not request._body:
                body['value'] = _missing
            else:
                try:
                    body['value'] = _json.loads(request._body.decode())
                except ValueError as error:
                    body['value'] = _missing
                    errors.append({'type': 'json_invalid', 'loc': ('body', 0), 'msg': 'JSON decode error', 'input': {}, 'ctx': {'error': 'Expecting value'}})
                    return
        value, loc = body['value'], ('body',)
        if embedded:
            loc = ('body', name)
            value = value.get(name, _missing) if isinstance(value, dict) else _missing
        if value is _missing:
            if info.required():
                errors.append(_problem('missing', loc, 'Field required', None))
            else:
                values[name] = info.value()
            return
        values[name] = value if kind is _missing else validate(kind, value, loc, errors)
    def _one(self, name, kind, info, place, request, errors, values):
        key = info.alias or (name.replace('_', '-') if place == 'header' else name)
        if place == 'path':
            text = request.path_params.get(name)
        elif place == 'header':
            text = request._header(key)
        elif place == 'cookie':
            text = request.cookies.get(key)
        elif place == 'form':
            text = dict(parse_qsl(request._body.decode(), True)).get(key)
        else:
            many = getattr(kind, '__origin__', None) is list or kind is list
            found = [value for each, value in request._pairs if each == key]
            text = (found or None) if many else found[-1] if found else None
        if text is None:
            if info.required():
                errors.append(_problem('missing', ('body' if place == 'form' else place, key), 'Field required', None))
            else:
                values[name] = info.value()
            return
        start = len(errors)
        values[name] = text if kind is _missing else validate(kind, text, (place, key), errors, True)
        if len(errors) == start:
            _check(info, values[name], (place, key), text, errors)
    def _depend(self, dependency, request, body, errors, background):
        dependency = self.dependency_overrides.get(dependency, dependency)
        function = dependency.__init__ if isinstance(dependency, type) else dependency
        arguments = self._arguments(function, request, body, errors, background) if hasattr(function, '__annotations__') else {}
        arguments.pop('self', None)
        if errors:
            return None
        made = _wait(dependency(**arguments))
        return next(made) if type(made).__name__ == 'generator' else made
    def _answer(self, request):
        allowed = False
        if request.method == 'GET' and request.path == self.openapi_url:
            return JSONResponse(self.openapi())
        if request.method == 'GET' and request.path == self.docs_url:
            return HTMLResponse(_docs % (self.title, self.openapi_url))
        for route in self.routes:
            values = route.match(request.path)
            if values is None:
                continue
            if request.method not in route.methods:
                allowed = True
                continue
            return self._call(route, request, values)
        if allowed:
            return JSONResponse({'detail': 'Method Not Allowed'}, 405, {'allow': ', '.join(method for route in self.routes if route.match(request.path) is not None for method in route.methods)})
        for route in self.routes:
            other = request.path[:-1] if request.path.endswith('/') else request.path + '/'
            if other and route.match(other) is not None:
                return RedirectResponse('http://' + (request._header('host') or '') + other)
        raise HTTPException(404)
    def _call(self, route, request, values):
        request.path_params, request.response = values, Response()
        errors, background = [], BackgroundTasks()
        arguments = self._arguments(route.endpoint, request, {}, errors, background)
        if errors:
            raise RequestValidationError(errors)
        value = _wait(route.endpoint(**arguments))
        if isinstance(value, Response):
            made = value
        elif route.status_code == 204:
            made = Response(b'', 204)
        else:
            made = (route.response_class or JSONResponse)(value, route.status_code or request.response.status_code)
            made.headers.update(request.response.headers)
        for function, args, kwargs in background.tasks:
            _wait(function(*args, **kwargs))
        return made
    def _guarded(self, request):
        try:
            return self._answer(request)
        except Exception as error:
            for kind, handler in self._handlers:
                if isinstance(error, kind) if isinstance(kind, type) else getattr(error, 'status_code', None) == kind:
                    return _wait(handler(request, error))
            if isinstance(error, HTTPException):
                return JSONResponse({'detail': error.detail}, error.status_code, error.headers)
            if isinstance(error, RequestValidationError):
                return JSONResponse({'detail': error.errors()}, 422)
            raise
    def handle(self, request):
        answer = self._guarded
        for each in self._middle:
            answer = _around(each, answer)
        made = answer(request)
        if self._cors is not None and request._header('origin'):
            origins = self._cors.get('allow_origins', [])
            if '*' in origins or request._header('origin') in origins:
                made.headers['access-control-allow-origin'] = '*' if '*' in origins else request._header('origin')
        return made

def _around(middle, answer):
    async def following(request):
        return answer(request)
    return lambda request: _asyncio.run(middle(request, following))

_docs = '''
    <!DOCTYPE html>
    <html>
    <head>
    <title>%s - Swagger UI</title>
    </head>
    <body>
    <div id="swagger-ui">
    </div>
    <p>The interactive page needs scripts of the internet. The schema is at %s.</p>
    </body>
    </html>
    '''
