"""What irradiating residual sites could gain, and whether a randomised trial could show it."""
