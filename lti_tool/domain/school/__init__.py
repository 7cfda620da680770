"""Schools: what a deployment is to who administers it. None of it reads what people brought in."""
