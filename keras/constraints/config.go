package constraints

// Keras's axis None is all axes, and no field but AllAxes can say so.

// LoadConfig implements saving.ConfigLoader.
func (c *MaxNorm) LoadConfig(config map[string]any) error {
	c.AllAxes = isNone(config)
	return nil
}

// SaveConfig implements saving.ConfigSaver.
func (c *MaxNorm) SaveConfig(config map[string]any) error {
	saveNone(config, c.AllAxes)
	return nil
}

// LoadConfig implements saving.ConfigLoader.
func (c *UnitNorm) LoadConfig(config map[string]any) error {
	c.AllAxes = isNone(config)
	return nil
}

// SaveConfig implements saving.ConfigSaver.
func (c *UnitNorm) SaveConfig(config map[string]any) error {
	saveNone(config, c.AllAxes)
	return nil
}

// LoadConfig implements saving.ConfigLoader.
func (c *MinMaxNorm) LoadConfig(config map[string]any) error {
	c.AllAxes = isNone(config)
	return nil
}

// SaveConfig implements saving.ConfigSaver.
func (c *MinMaxNorm) SaveConfig(config map[string]any) error {
	saveNone(config, c.AllAxes)
	return nil
}

func isNone(config map[string]any) bool {
	axis, ok := config["axis"]
	return ok && axis == nil
}

func saveNone(config map[string]any, none bool) {
	if none {
		config["axis"] = nil
	}
}
