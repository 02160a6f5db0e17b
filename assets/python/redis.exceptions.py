from redis import AuthenticationError, ConnectionError, RedisError, ResponseError, TimeoutError
