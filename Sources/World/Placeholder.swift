import AsyncHTTPClient
import Crypto
import Subprocess
