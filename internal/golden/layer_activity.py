"""Family of layers.py: activity_regularizer, which Keras takes for nearly every layer, on layers that have no argument of that name themselves."""

from keras import layers

from layer_compositions import draws


def penalty(d):
    return {"activity_regularizer": d.one(["l1", "l2", "L1L2"])}  # by name: Keras cannot tell the configuration of some layers with an object


@draws(9)
def activity(d, i):
    shape = d.sizes(3, 2, 3)
    mask = d.mask(shape[:2]) if d.chance() else None
    x, layer = d.floats(shape), None
    if i == 0:
        layer = layers.Dropout(0.5, **penalty(d))
    elif i == 1:
        layer = layers.Flatten(**penalty(d))
    elif i == 2:
        layer = layers.Activation("tanh", **penalty(d))
    elif i == 3:
        layer = layers.GlobalAveragePooling1D(**penalty(d))
        mask = None
    elif i == 4:
        layer = layers.Reshape((-1,), **penalty(d))
        mask = None
    elif i == 5:
        layer = layers.BatchNormalization(trainable=False, **penalty(d))
        mask = None
    elif i == 6:
        layer, x, mask = layers.Embedding(4, 2, **penalty(d)), d.rng.integers(0, 4, size=shape).astype("int32"), None
    elif i == 7:
        layer = layers.Identity(**penalty(d))
    else:
        layer = layers.Rescaling(0.5, **penalty(d))
        mask = None
    return layer, [x], [mask], {"training": i != 0}


@draws(4)
def activity_of_merging(d, i):
    shape = d.sizes(d.size(2, 3), 2, 3)
    layer = d.one([layers.Add, layers.Concatenate, layers.Average, layers.Multiply])(**penalty(d))
    return layer, [d.floats(shape), d.floats(shape)], [None, None], {}


@draws(3)
def activity_of_states(d, i):
    """Each result counts, states too."""
    layer = layers.LSTM(2, return_state=True, return_sequences=d.chance(), **penalty(d))
    return layer, [d.floats(d.sizes(3, 2, 3))], [None], {}


LAYERS = [activity, activity_of_merging, activity_of_states]
