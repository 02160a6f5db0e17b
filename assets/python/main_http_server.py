import sys
from http.server import HTTPServer, SimpleHTTPRequestHandler

port, bind, directory = 8000, '0.0.0.0', None
args = sys.argv[1:]
while args:
    word = args.pop(0)
    if word in ('-b', '--bind'):
        bind = args.pop(0)
    elif word in ('-d', '--directory'):
        directory = args.pop(0)
    elif word in ('-p', '--protocol'):
        args.pop(0)
    else:
        port = int(word)
SimpleHTTPRequestHandler.directory = directory
server = HTTPServer((bind, port), SimpleHTTPRequestHandler)
print('Serving HTTP on %s port %d (http://%s:%d/) ...' % (bind, port, bind, port))
try:
    server.serve_forever()
except KeyboardInterrupt:
    print('\nKeyboard interrupt received, exiting.')
    sys.exit(0)
