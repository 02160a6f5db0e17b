// compression: answers go out as they are; clients of labs do not ask for more.
module.exports = () => (_, response, next) => {
  response.setHeader('Vary', 'Accept-Encoding')
  next()
}
