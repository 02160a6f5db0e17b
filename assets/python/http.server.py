import os
import socket
import sys
import time

_reasons = {200: 'OK', 201: 'Created', 202: 'Accepted', 204: 'No Content', 206: 'Partial Content', 301: 'Moved Permanently', 302: 'Found', 303: 'See Other', 304: 'Not Modified', 307: 'Temporary Redirect', 308: 'Permanent Redirect', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed', 409: 'Conflict', 413: 'Request Entity Too Large', 415: 'Unsupported Media Type', 418: "I'm a Teapot", 422: 'Unprocessable Entity', 429: 'Too Many Requests', 500: 'Internal Server Error', 501: 'Not Implemented', 502: 'Bad Gateway', 503: 'Service Unavailable'}
_types = {'.html': 'text/html', '.htm': 'text/html', '.txt': 'text/plain', '.py': 'text/x-python', '.css': 'text/css', '.js': 'text/javascript', '.json': 'application/json', '.png': 'image/png', '.jpg': 'image/jpeg', '.gif': 'image/gif', '.svg': 'image/svg+xml', '.md': 'text/markdown', '.ico': 'image/vnd.microsoft.icon', '.xml': 'text/xml', '.csv': 'text/csv', '.pdf': 'application/pdf'}

class Headers:
    def __init__(self):
        self._list = []
    def add(self, name, value):
        self._list.append((name, value))
    def get(self, name, default=None, type=None):
        for key, value in self._list:
            if key.lower() == name.lower():
                return type(value) if type else value
        return default
    def __getitem__(self, name):
        found = self.get(name)
        if found is None:
            raise KeyError(name)
        return found
    def __contains__(self, name):
        return self.get(name) is not None
    def __iter__(self):
        return iter(self._list)
    def items(self):
        return list(self._list)
    def keys(self):
        return [key for key, value in self._list]

class _Reader:
    def __init__(self, connection):
        self._c = connection
        self._b = b''
    def readline(self):
        while b'\n' not in self._b:
            data = self._c.recv(65536)
            if not data:
                break
            self._b += data
        at = self._b.find(b'\n')
        line = self._b if at < 0 else self._b[:at + 1]
        self._b = self._b[len(line):]
        return line
    def read(self, size=-1):
        while size < 0 or len(self._b) < size:
            data = self._c.recv(65536)
            if not data:
                break
            self._b += data
        data = self._b if size < 0 else self._b[:size]
        self._b = self._b[len(data):]
        return data

class _Writer:
    def __init__(self, connection):
        self._c = connection
    def write(self, data):
        self._c.sendall(data)
        return len(data)
    def flush(self):
        pass

class BaseHTTPRequestHandler:
    protocol_version = 'HTTP/1.0'
    server_version = 'BaseHTTP/0.6'
    sys_version = 'Python/' + sys.version.split()[0]
    def __init__(self, request, client_address, server):
        self.connection = self.request = request
        self.client_address = client_address
        self.server = server
        self.rfile = _Reader(request)
        self.wfile = _Writer(request)
        self._head = []
        self.handle()
    def handle(self):
        line = self.rfile.readline()
        if not line:
            return
        self.requestline = line.decode().rstrip('\r\n')
        words = self.requestline.split()
        if len(words) < 2:
            self.command, self.path, self.request_version = '', '', 'HTTP/0.9'
            self.headers = Headers()
            self.send_error(400, "Bad request syntax (%r)" % self.requestline)
            return
        self.command, self.path = words[0], words[1]
        self.request_version = words[2] if len(words) > 2 else 'HTTP/0.9'
        self.headers = Headers()
        while True:
            line = self.rfile.readline().decode().rstrip('\r\n')
            if not line:
                break
            name, _, value = line.partition(':')
            self.headers.add(name.strip(), value.strip())
        method = getattr(self, 'do_' + self.command, None)
        if method is None:
            self.send_error(501, 'Unsupported method (%r)' % self.command)
            return
        method()
        self.wfile.flush()
    def version_string(self):
        return self.server_version + ' ' + self.sys_version
    def date_time_string(self, timestamp=None):
        return time.strftime('%a, %d %b %Y %H:%M:%S GMT', time.gmtime(timestamp))
    def log_date_time_string(self):
        return time.strftime('%d/%b/%Y %H:%M:%S', time.localtime())
    def log_message(self, format, *args):
        sys.stderr.write('%s - - [%s] %s\n' % (self.client_address[0], self.log_date_time_string(), format % args))
    def log_request(self, code='-', size='-'):
        self.log_message('"%s" %s %s', self.requestline, str(code), str(size))
    def log_error(self, format, *args):
        self.log_message(format, *args)
    def send_response_only(self, code, message=None):
        self._head.append('%s %d %s' % (self.protocol_version, code, message or _reasons.get(code, '')))
    def send_response(self, code, message=None):
        self.log_request(code)
        self.send_response_only(code, message)
        self.send_header('Server', self.version_string())
        self.send_header('Date', self.date_time_string())
    def send_header(self, name, value):
        self._head.append('%s: %s' % (name, value))
    def end_headers(self):
        self.wfile.write(('\r\n'.join(self._head) + '\r\n\r\n').encode())
        self._head = []
    def send_error(self, code, message=None, explain=None):
        short = message or _reasons.get(code, '???')
        self.log_error('code %d, message %s', code, short)
        explains = {404: 'Nothing matches the given URI', 501: 'Server does not support this operation', 400: 'Bad request syntax or unsupported method', 403: 'Request forbidden -- authorization will not help'}
        body = '<!DOCTYPE HTML>\n<html lang="en">\n    <head>\n        <meta charset="utf-8">\n        <title>Error response</title>\n    </head>\n    <body>\n        <h1>Error response</h1>\n        <p>Error code: %d</p>\n        <p>Message: %s.</p>\n        <p>Error code explanation: %d - %s.</p>\n    </body>\n</html>\n' % (code, short, code, explain or explains.get(code, short))
        self.send_response(code, message)
        self.send_header('Connection', 'close')
        self.send_header('Content-Type', 'text/html;charset=utf-8')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(body.encode())

class SimpleHTTPRequestHandler(BaseHTTPRequestHandler):
    server_version = 'SimpleHTTP/0.6'
    directory = None
    def do_GET(self):
        self._send(True)
    def do_HEAD(self):
        self._send(False)
    def _send(self, body):
        from urllib.parse import unquote
        path = unquote(self.path.split('?')[0].split('#')[0])
        full = os.path.normpath((self.directory or os.getcwd()) + '/' + '/'.join(part for part in path.split('/') if part not in ('', '.', '..')))
        if os.path.isdir(full):
            if not path.endswith('/'):
                self.send_response(301)
                self.send_header('Location', path + '/')
                self.send_header('Content-Length', '0')
                self.end_headers()
                return
            for name in ('index.html', 'index.htm'):
                if os.path.isfile(os.path.join(full, name)):
                    full = os.path.join(full, name)
                    break
            else:
                return self._list(full, path, body)
        try:
            with open(full, 'rb') as file:
                data = file.read()
        except OSError:
            self.send_error(404, 'File not found')
            return
        self.send_response(200)
        self.send_header('Content-type', _types.get(os.path.splitext(full)[1], 'application/octet-stream'))
        self.send_header('Content-Length', str(len(data)))
        self.send_header('Last-Modified', self.date_time_string(os.path.getmtime(full)))
        self.end_headers()
        if body:
            self.wfile.write(data)
    def _list(self, full, path, body):
        lines = []
        for name in sorted(os.listdir(full), key=lambda each: each.lower()):
            shown = name + '/' if os.path.isdir(os.path.join(full, name)) else name
            lines.append('<li><a href="%s">%s</a></li>' % (shown, shown))
        title = 'Directory listing for ' + path
        old = int(sys.version.split('.')[1]) < 11
        head = '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">\n<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n' if old else '<!DOCTYPE HTML>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        data = (head + '<title>%s</title>\n</head>\n<body>\n<h1>%s</h1>\n<hr>\n<ul>\n%s\n</ul>\n<hr>\n</body>\n</html>\n' % (title, title, '\n'.join(lines))).encode()
        self.send_response(200)
        self.send_header('Content-type', 'text/html; charset=utf-8')
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        if body:
            self.wfile.write(data)

class HTTPServer:
    def __init__(self, address, handler):
        self.server_address = address
        self.RequestHandlerClass = handler
        self.socket = socket.socket()
        self.socket.bind((address[0] or '0.0.0.0', address[1]))
        self.server_port = address[1]
        self.server_name = address[0]
        self._stop = False
    def serve_forever(self, poll_interval=0.5):
        while not self._stop:
            self.handle_request()
    def handle_request(self):
        connection, address = self.socket.accept()
        try:
            self.RequestHandlerClass(connection, address, self)
        except BrokenPipeError:
            pass
        except Exception as error:
            import traceback
            sys.stderr.write('-' * 40 + '\n')
            sys.stderr.write('Exception occurred during processing of request from %r\n' % (address,))
            traceback.print_exc()
            sys.stderr.write('-' * 40 + '\n')
        finally:
            connection.close()
    def shutdown(self):
        self._stop = True
    def server_close(self):
        self.socket.close()
    def __enter__(self):
        return self
    def __exit__(self, *args):
        self.server_close()

ThreadingHTTPServer = HTTPServer
