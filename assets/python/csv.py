QUOTE_MINIMAL, QUOTE_ALL, QUOTE_NONNUMERIC, QUOTE_NONE = 0, 1, 2, 3

def _fields(line, delimiter, quote):
    fields, field, quoted, at = [], '', False, 0
    while at < len(line):
        char = line[at]
        if quoted:
            if char == quote and line[at + 1:at + 2] == quote:
                field += quote
                at += 1
            elif char == quote:
                quoted = False
            else:
                field += char
        elif char == quote and field == '':
            quoted = True
        elif char == delimiter:
            fields.append(field)
            field = ''
        else:
            field += char
        at += 1
    fields.append(field)
    return fields, quoted

def reader(lines, delimiter=',', quotechar='"', **kwargs):
    held = ''
    for line in lines:
        text = held + line
        fields, open_ = _fields(text.rstrip('\r\n'), delimiter, quotechar)
        if open_:
            held = text
            continue
        held = ''
        yield fields if text.rstrip('\r\n') else []

class DictReader:
    def __init__(self, lines, fieldnames=None, **options):
        self._rows = reader(lines, **options)
        self._names = fieldnames
    @property
    def fieldnames(self):
        if self._names is None:
            self._names = next(self._rows, [])
        return self._names
    def __iter__(self):
        names = self.fieldnames
        for row in self._rows:
            if row:
                yield dict(zip(names, row))

class _Writer:
    def __init__(self, file, delimiter=',', quotechar='"', quoting=0, lineterminator='\r\n', **kwargs):
        self._file, self._d, self._q, self._all, self._end = file, delimiter, quotechar, quoting == 1, lineterminator
    def _field(self, value):
        text = '' if value is None else str(value)
        if self._all or self._d in text or self._q in text or '\n' in text or '\r' in text:
            return self._q + text.replace(self._q, self._q + self._q) + self._q
        return text
    def writerow(self, row):
        self._file.write(self._d.join([self._field(each) for each in row]) + self._end)
    def writerows(self, rows):
        for row in rows:
            self.writerow(row)

def writer(file, **options):
    return _Writer(file, **options)

class DictWriter:
    def __init__(self, file, fieldnames, **options):
        self.fieldnames, self._writer = fieldnames, _Writer(file, **options)
    def writeheader(self):
        self._writer.writerow(self.fieldnames)
    def writerow(self, row):
        self._writer.writerow([row.get(name, '') for name in self.fieldnames])
    def writerows(self, rows):
        for row in rows:
            self.writerow(row)
