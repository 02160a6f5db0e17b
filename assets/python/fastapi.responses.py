from fastapi import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
