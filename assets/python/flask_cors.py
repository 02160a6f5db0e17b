def CORS(app, **kwargs):
    def allow(response):
        response._header('Access-Control-Allow-Origin', '*')
        return response
    app._after.append(allow)
