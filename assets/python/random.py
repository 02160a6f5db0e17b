from _random import random

def seed(value=None):
    pass

def randint(low, high):
    return low + int(random() * (high - low + 1))

def randrange(start, stop=None, step=1):
    if stop is None:
        start, stop = 0, start
    return start + step * int(random() * ((stop - start + step - 1) // step))

def uniform(low, high):
    return low + (high - low) * random()

def choice(items):
    if not len(items):
        raise IndexError('Cannot choose from an empty sequence')
    return items[int(random() * len(items))]

def choices(items, weights=None, k=1):
    return [choice(items) for _ in range(k)]

def sample(items, k):
    kept = list(items)
    return [kept.pop(int(random() * len(kept))) for _ in range(k)]

def shuffle(items):
    for at in range(len(items) - 1, 0, -1):
        other = int(random() * (at + 1))
        items[at], items[other] = items[other], items[at]
