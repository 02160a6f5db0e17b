import base64
import os
import random

def token_bytes(size=32):
    return os.urandom(size)

def token_hex(size=32):
    return os.urandom(size).hex()

def token_urlsafe(size=32):
    return base64.b64encode(os.urandom(size)).decode().rstrip('=').replace('+', '-').replace('/', '_')

def choice(items):
    return random.choice(items)

def randbelow(limit):
    return random.randint(0, limit - 1)

def compare_digest(a, b):
    return a == b
