import _time

MINYEAR, MAXYEAR = 1, 9999

class timedelta:
    def __init__(self, days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0):
        self._s = days * 86400 + seconds + microseconds / 1000000 + milliseconds / 1000 + minutes * 60 + hours * 3600 + weeks * 604800
    @property
    def days(self):
        return int(self._s // 86400)
    @property
    def seconds(self):
        return int(self._s - self.days * 86400)
    def total_seconds(self):
        return float(self._s)
    def __add__(self, other):
        return timedelta(seconds=self._s + other._s) if isinstance(other, timedelta) else other + self
    def __sub__(self, other):
        return timedelta(seconds=self._s - other._s)
    def __mul__(self, n):
        return timedelta(seconds=self._s * n)
    def __lt__(self, other):
        return self._s < other._s
    def __gt__(self, other):
        return self._s > other._s
    def __eq__(self, other):
        return isinstance(other, timedelta) and self._s == other._s
    def __str__(self):
        days, rest = self.days, self._s - self.days * 86400
        text = '%d:%02d:%02d' % (rest // 3600, rest % 3600 // 60, rest % 60)
        return text if not days else '%d day%s, %s' % (days, '' if abs(days) == 1 else 's', text)
    def __repr__(self):
        return 'datetime.timedelta(seconds=%d)' % self._s

class timezone:
    def __init__(self, offset=None, name='UTC'):
        self.name = name
    def __repr__(self):
        return 'datetime.timezone.utc'

timezone.utc = timezone()
UTC = timezone.utc

class date:
    def __init__(self, year, month, day):
        self._t = _time.utc(year, month, day)
    @classmethod
    def today(cls):
        return cls._at(_time.now() // 86400 * 86400)
    @classmethod
    def _at(cls, seconds):
        made = cls.__new__(cls) if False else date(1970, 1, 1)
        made._t = seconds
        return made
    @classmethod
    def fromisoformat(cls, text):
        year, month, day = [int(each) for each in text.split('-')]
        return date(year, month, day)
    @property
    def year(self):
        return _time.parts(self._t)[0]
    @property
    def month(self):
        return _time.parts(self._t)[1]
    @property
    def day(self):
        return _time.parts(self._t)[2]
    def weekday(self):
        return _time.parts(self._t)[6]
    def strftime(self, fmt):
        return _time.strftime(fmt, self._t)
    def isoformat(self):
        return self.strftime('%Y-%m-%d')
    def __str__(self):
        return self.isoformat()
    def __repr__(self):
        return 'datetime.date(%d, %d, %d)' % (self.year, self.month, self.day)
    def __format__(self, spec):
        return self.strftime(spec) if spec else str(self)
    def __sub__(self, other):
        if isinstance(other, timedelta):
            return date._at(self._t - other._s)
        return timedelta(seconds=self._t - other._t)
    def __add__(self, other):
        return date._at(self._t + other._s)
    def __eq__(self, other):
        return self._t == getattr(other, '_t', None)
    def __lt__(self, other):
        return self._t < other._t
    def __gt__(self, other):
        return self._t > other._t
    def __le__(self, other):
        return self._t <= other._t
    def __ge__(self, other):
        return self._t >= other._t

class datetime(date):
    def __init__(self, year, month, day, hour=0, minute=0, second=0, microsecond=0, tzinfo=None):
        self._t = _time.utc(year, month, day, hour, minute, second) + microsecond / 1000000
        self.tzinfo = tzinfo
    @classmethod
    def _made(cls, seconds, tz=None):
        made = datetime(1970, 1, 1)
        made._t = seconds
        made.tzinfo = tz
        return made
    @classmethod
    def now(cls, tz=None):
        return datetime._made(_time.now(), tz)
    @classmethod
    def utcnow(cls):
        return datetime._made(_time.now())
    @classmethod
    def today(cls):
        return datetime._made(_time.now())
    @classmethod
    def fromtimestamp(cls, seconds, tz=None):
        return datetime._made(float(seconds), tz)
    @classmethod
    def fromisoformat(cls, text):
        return datetime._made(_time.parse(text))
    @classmethod
    def strptime(cls, text, fmt):
        return datetime._made(_time.parse(text))
    @property
    def hour(self):
        return _time.parts(self._t)[3]
    @property
    def minute(self):
        return _time.parts(self._t)[4]
    @property
    def second(self):
        return _time.parts(self._t)[5]
    @property
    def microsecond(self):
        return int(self._t * 1000000) % 1000000
    def timestamp(self):
        return float(self._t)
    def date(self):
        return date._at(self._t // 86400 * 86400)
    def isoformat(self, sep='T', timespec='auto'):
        text = self.strftime('%Y-%m-%d') + sep + self.strftime('%H:%M:%S')
        if self.microsecond and timespec != 'seconds':
            text += '.%06d' % self.microsecond
        return text + ('+00:00' if self.tzinfo else '')
    def __str__(self):
        return self.isoformat(' ')
    def __repr__(self):
        return 'datetime.datetime(%d, %d, %d, %d, %d, %d)' % (self.year, self.month, self.day, self.hour, self.minute, self.second)
    def __sub__(self, other):
        if isinstance(other, timedelta):
            return datetime._made(self._t - other._s, self.tzinfo)
        return timedelta(seconds=self._t - other._t)
    def __add__(self, other):
        return datetime._made(self._t + other._s, self.tzinfo)
    def replace(self, **kwargs):
        return self
    def astimezone(self, tz=None):
        return datetime._made(self._t, tz or UTC)
