// axios over fetch.
class AxiosError extends Error {
  constructor(message, code, config, request, response) {
    super(message)
    Object.assign(this, { name: 'AxiosError', code, config, request, response, isAxiosError: true })
  }
}
const make = defaults => {
  const request = async (first, second) => {
    const config = { ...defaults, ...(typeof first === 'string' ? { url: first, ...second } : first) }
    const query = config.params ? `?${new URLSearchParams(config.params)}` : ''
    const url =
      (/^https?:/.test(config.url)
        ? config.url
        : (config.baseURL ?? '').replace(/\/$/, '') + (config.url.startsWith('/') ? '' : '/') + config.url) + query
    const json =
      config.data !== undefined && typeof config.data === 'object' && !(config.data instanceof URLSearchParams)
    const headers = {
      Accept: 'application/json, text/plain, */*',
      'User-Agent': 'axios/1.7.9',
      ...(json && { 'Content-Type': 'application/json' }),
      ...config.headers,
    }
    let found
    try {
      const signal = config.timeout ? AbortSignal.timeout(config.timeout) : undefined
      found = await fetch(url, {
        method: (config.method ?? 'get').toUpperCase(),
        headers,
        body: json ? JSON.stringify(config.data) : config.data,
        ...(signal && { signal }),
      })
    } catch (error) {
      if (error.name === 'TimeoutError')
        throw new AxiosError(`timeout of ${config.timeout}ms exceeded`, 'ECONNABORTED', config)
      throw new AxiosError(error.cause?.message ?? error.message, error.cause?.code, config)
    }
    const text = await found.text()
    let data = text
    if (config.responseType !== 'text')
      try {
        data = JSON.parse(text)
      } catch {}
    const response = {
      data,
      status: found.status,
      statusText: found.statusText,
      headers: Object.fromEntries(found.headers),
      config,
      request: {},
    }
    const good = config.validateStatus ?? (status => status >= 200 && status < 300)
    if (!good(found.status))
      throw new AxiosError(
        `Request failed with status code ${found.status}`,
        found.status >= 500 ? 'ERR_BAD_RESPONSE' : 'ERR_BAD_REQUEST',
        config,
        {},
        response,
      )
    return response
  }
  const axios = Object.assign((...args) => request(...args), {
    request,
    defaults: { headers: { common: {} }, ...defaults },
    create: more => make({ ...defaults, ...more }),
    AxiosError,
    isAxiosError: error => error?.isAxiosError === true,
    interceptors: { request: { use() {} }, response: { use() {} } },
    all: list => Promise.all(list),
  })
  for (const method of ['get', 'delete', 'head', 'options'])
    axios[method] = (url, config) => request({ ...config, method, url })
  for (const method of ['post', 'put', 'patch'])
    axios[method] = (url, data, config) => request({ ...config, method, url, data })
  axios.default = axios
  return axios
}
module.exports = make({})
