"""Skills: folders with a SKILL.md, loaded on demand, and what finds experiences for them."""
