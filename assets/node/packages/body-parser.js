// body-parser: express's own readers.
const express = require('express')
const all = () => (request, response, next) =>
  express.json()(request, response, error => (error ? next(error) : express.urlencoded()(request, response, next)))
module.exports = Object.assign(all, {
  json: express.json,
  urlencoded: express.urlencoded,
  text: express.text,
  raw: express.raw,
})
