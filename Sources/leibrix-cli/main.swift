print("leibrix")
