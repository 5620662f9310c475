import Histogram
import NIOHTTP1
