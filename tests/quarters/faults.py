PLANTERS = {}
ALONE = set()
class CannotPlant(Exception): pass
def quarter_for(codes, rng): return None
