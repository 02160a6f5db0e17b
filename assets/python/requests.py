import json as _json
import urllib.request as _r
from urllib.parse import urlencode, urlparse

class RequestException(IOError):
    pass
class ConnectionError(RequestException):
    pass
class Timeout(RequestException):
    pass
class HTTPError(RequestException):
    pass
class exceptions:
    pass
exceptions.RequestException, exceptions.ConnectionError, exceptions.Timeout, exceptions.HTTPError = RequestException, ConnectionError, Timeout, HTTPError

class Response:
    def __init__(self, found):
        self.status_code, self.reason, self.headers, self.content, self.url = found.status, found.reason, dict(found.headers.items()), found.read(), found.url
        self.ok = self.status_code < 400
        self.encoding = 'utf-8'
    @property
    def text(self):
        return self.content.decode()
    def json(self):
        return _json.loads(self.text)
    def raise_for_status(self):
        if self.status_code >= 400:
            kind = 'Client' if self.status_code < 500 else 'Server'
            raise HTTPError('%d %s Error: %s for url: %s' % (self.status_code, kind, self.reason, self.url))
    def __repr__(self):
        return '<Response [%d]>' % self.status_code

def request(method, url, params=None, data=None, json=None, headers=None, timeout=None, auth=None, **kwargs):
    if params:
        url += ('&' if '?' in url else '?') + urlencode(params)
    sent = {'User-Agent': 'python-requests/2.32.3', 'Accept-Encoding': 'identity', 'Accept': '*/*'}
    body = None
    if json is not None:
        body = _json.dumps(json).encode()
        sent['Content-Type'] = 'application/json'
    elif isinstance(data, dict):
        body = urlencode(data).encode()
        sent['Content-Type'] = 'application/x-www-form-urlencoded'
    elif data is not None:
        body = data.encode() if isinstance(data, str) else data
    sent.update(headers or {})
    try:
        return Response(_r.fetch(method, url, sent, body, timeout))
    except OSError as error:
        parts = urlparse(url)
        port = parts.port or 80
        reason = 'Failed to resolve \'%s\' ([Errno -2] Name or service not known)' % parts.hostname if error.args and error.args[0] == -2 else 'Failed to establish a new connection: %s' % error
        name = 'NameResolutionError("<urllib3.connection.HTTPConnection object at 0x7f3c1a2b4d90>: %s")' % reason if error.args and error.args[0] == -2 else "NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7f3c1a2b4d90>: %s')" % reason
        raise ConnectionError("HTTPConnectionPool(host='%s', port=%d): Max retries exceeded with url: %s (Caused by %s)" % (parts.hostname, port, parts.path or '/', name))

def get(url, **kwargs):
    return request('GET', url, **kwargs)
def post(url, data=None, json=None, **kwargs):
    return request('POST', url, data=data, json=json, **kwargs)
def put(url, data=None, **kwargs):
    return request('PUT', url, data=data, **kwargs)
def delete(url, **kwargs):
    return request('DELETE', url, **kwargs)

class Session:
    def __init__(self):
        self.headers = {}
    def get(self, url, **kwargs):
        return request('GET', url, headers={**self.headers, **kwargs.pop('headers', {})}, **kwargs)
    def post(self, url, **kwargs):
        return request('POST', url, headers={**self.headers, **kwargs.pop('headers', {})}, **kwargs)
