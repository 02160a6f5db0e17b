class StatisticsError(ValueError):
    pass

def _list(data):
    items = list(data)
    if not items:
        raise StatisticsError('mean requires at least one data point')
    return items

def mean(data):
    items = _list(data)
    total = sum(items) / len(items)
    return int(total) if all(isinstance(each, int) for each in items) and total == int(total) else total

fmean = lambda data: sum(_list(data)) / len(list(data))

def median(data):
    items = sorted(_list(data))
    half = len(items) // 2
    return items[half] if len(items) % 2 else (items[half - 1] + items[half]) / 2

def mode(data):
    items = _list(data)
    best = items[0]
    for each in items:
        if items.count(each) > items.count(best):
            best = each
    return best

def variance(data):
    items = list(data)
    if len(items) < 2:
        raise StatisticsError('variance requires at least two data points')
    middle = sum(items) / len(items)
    return sum((each - middle) ** 2 for each in items) / (len(items) - 1)

def stdev(data):
    return variance(data) ** 0.5

def pstdev(data):
    items = _list(data)
    middle = sum(items) / len(items)
    return (sum((each - middle) ** 2 for each in items) / len(items)) ** 0.5
