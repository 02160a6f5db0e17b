from fastapi import Response
