package preprocessing

import (
	"bytes"
	"encoding/json"
	"io"
	"unicode/utf8"

	"github.com/pkg/errors"

	"github.com/gokeras/gokeras/keras/saving"
)

// Encode returns v, a transformer, [Columns] or a [LabelEncoder], as JSON, with what its Fit has learned. Transformers of one's own are made known with
// saving.Register.
func Encode(v any) ([]byte, error) {
	config, err := saving.ToConfig(v)
	if err != nil {
		return nil, errors.WithMessage(err, "preprocessing: Encode")
	}
	if err := readable(config); err != nil {
		return nil, errors.WithMessage(err, "preprocessing: Encode")
	}
	data, err := json.Marshal(config)
	return data, errors.Wrap(err, "preprocessing: Encode")
}

// readable refuses texts that JSON cannot hold byte for byte.
func readable(v any) error {
	switch v := v.(type) {
	case string:
		if !utf8.ValidString(v) {
			return errors.Errorf("expected texts in UTF-8, got %q", v)
		}
	case []any:
		for _, e := range v {
			if err := readable(e); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, e := range v {
			if err := readable(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// Decode returns what Encode has written: T is a [Transformer] of any kind, or what exactly was written, such as *[Columns]. It computes the same bits.
func Decode[T any](data []byte) (T, error) {
	var none T
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var config map[string]any
	if err := d.Decode(&config); err != nil {
		return none, errors.Wrap(err, "preprocessing: Decode")
	}
	if _, err := d.Token(); err != io.EOF {
		return none, errors.New("preprocessing: Decode: expected one JSON object, got more after it")
	}
	v, err := saving.FromConfig(config)
	if err != nil {
		return none, errors.WithMessage(err, "preprocessing: Decode")
	}
	t, ok := v.(T)
	if !ok {
		return none, errors.Errorf("preprocessing: Decode: expected a %T, got a %T", &none, v)
	}
	return t, nil
}
