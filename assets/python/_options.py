def options(words, takes, flags, fail, joined=False):
    """Takes the options of a command line off the list: each name with its value (a flag's is True), each other word with None for its name.

    `fail` gets 'value' or 'unknown', the option's name and the word; `joined`: a short option's value may stand right behind it.
    """
    while words:
        word = words.pop(0)
        name, equals, value = word.partition('=')
        if joined and not word.startswith('--') and word[:2] in takes and len(word) > 2:
            name, equals, value = word[:2], '=', word[2:].lstrip('=')
        if name in takes:
            if not equals and not words:
                fail('value', name, word)
            yield name, value if equals else words.pop(0)
        elif name in flags:
            yield name, True
        elif word.startswith('-'):
            fail('unknown', name, word)
        else:
            yield None, word
