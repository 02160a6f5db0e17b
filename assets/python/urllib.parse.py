_safe = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~'

def quote(text, safe='/'):
    return ''.join(chr(byte) if chr(byte) in _safe + safe else '%%%02X' % byte for byte in str(text).encode())

def quote_plus(text, safe=''):
    return quote(text, safe + ' ').replace(' ', '+')

def unquote(text):
    parts = text.split('%')
    data = parts[0].encode()
    for part in parts[1:]:
        try:
            data += bytes([int(part[:2], 16)]) + part[2:].encode()
        except ValueError:
            data += ('%' + part).encode()
    return data.decode()

def unquote_plus(text):
    return unquote(text.replace('+', ' '))

def parse_qsl(text, keep_blank_values=False):
    pairs = []
    for part in text.split('&'):
        if part:
            key, _, value = part.partition('=')
            if value or keep_blank_values:
                pairs.append((unquote_plus(key), unquote_plus(value)))
    return pairs

def parse_qs(text, keep_blank_values=False):
    found = {}
    for key, value in parse_qsl(text, keep_blank_values):
        found.setdefault(key, []).append(value)
    return found

def urlencode(query, doseq=False):
    return '&'.join(quote_plus(key) + '=' + quote_plus(value) for key, value in (query.items() if isinstance(query, dict) else query))

class ParseResult:
    def __init__(self, scheme, netloc, path, query, fragment):
        self.scheme, self.netloc, self.path, self.params, self.query, self.fragment = scheme, netloc, path, '', query, fragment
        host = netloc.rpartition('@')[2]
        self.hostname = host.split(':')[0].lower() or None
        self.port = int(host.split(':')[1]) if ':' in host else None
        user = netloc.rpartition('@')[0]
        self.username = user.partition(':')[0] or None
        self.password = user.partition(':')[2] or None

def urlparse(url):
    scheme, netloc, query, fragment = '', '', '', ''
    url, _, fragment = url.partition('#')
    url, _, query = url.partition('?')
    if '://' in url:
        scheme, _, url = url.partition('://')
        netloc, slash, url = url.partition('/')
        url = slash + url
    return ParseResult(scheme, netloc, url, query, fragment)

urlsplit = urlparse
