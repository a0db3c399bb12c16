package saving_test

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/gokeras/gokeras/keras/saving"
)

// Scale multiplies by a factor.
type Scale struct {
	Factor *float64 // nil: 1
	Axes   []int
}

func init() { saving.Register[Scale]("Example>Scale", "") }

func ExampleToConfig() {
	config, err := saving.ToConfig(Scale{Factor: new(0.5)})
	fmt.Println(config, err)
	// Output: map[class_name:Scale config:map[factor:0.5] module:<nil> registered_name:Example>Scale] <nil>
}

func ExampleFromConfig() {
	var config map[string]any
	_ = json.Unmarshal([]byte(`{"class_name": "Scale", "registered_name": "Example>Scale", "config": {"axes": 2, "factor": null}}`), &config)
	v, err := saving.FromConfig(config)
	fmt.Println(reflect.TypeOf(v), v.(*Scale).Axes, v.(*Scale).Factor, err)
	// Output: *saving_test.Scale [2] <nil> <nil>
}
