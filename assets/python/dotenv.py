import os

def load_dotenv(path='.env', override=False, **kwargs):
    if not os.path.isfile(path):
        return False
    with open(path) as file:
        for line in file.read().splitlines():
            line = line.strip()
            if line and not line.startswith('#') and '=' in line:
                name, _, value = line.partition('=')
                value = value.strip().strip('"').strip("'")
                if override or name.strip() not in os.environ:
                    os.environ[name.strip()] = value
    return True
