class URLError(OSError):
    def __init__(self, reason):
        self.reason = reason
        self.args = (reason,)
    def __str__(self):
        return '<urlopen error %s>' % (self.reason,)

class HTTPError(URLError):
    def __init__(self, url, code, msg, headers=None, fp=None):
        self.url, self.code, self.msg, self.headers, self.reason = url, code, msg, headers, msg
    def __str__(self):
        return 'HTTP Error %s: %s' % (self.code, self.msg)
