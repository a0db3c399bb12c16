package main

// A reason explains the gaps of one kind whose path matches.
type reason struct {
	kind kind
	of   string // a pattern of path.Match
	why  string
}

// later is the reason of what another step of the project brings.
const later = "Not there yet."

var reasons = []reason{
	{missing, "keras.Model.compile.auto_scale_loss", "For mixed precision only; computation is in float32."},
	{missing, "keras.Model.compile.jit_compile", "How, not what, is computed: every step is compiled."},
	{missing, "keras.Model.compile.run_eagerly", "How, not what, is computed: `keras.NewStep` is for looking into a step."},
	{missing, "keras.Model.compile.steps_per_execution", "How, not what, is computed: a step costs no call of another runtime that could be saved."},
	{missing, "keras.Model.*.return_dict", "Results are always by name."},
	{spelled, "keras.Model.compile.loss_weights", "None is 1 each in Keras, too."},
	{spelled, "keras.Model.*.batch_size", "None is 32 in Keras, too."},
	{differs, "keras.Model.*.verbose", "A library does not look where it writes to: nothing is shown unless Progress is set, and then 1 is the default, as \"auto\" mostly is."},

	{missing, "keras.losses.*.dtype", "Computation is in float32."},
	{ignored, "keras.losses.*.name", "Label stands in files alone: as in Keras, logs name a loss after its output."},
	{missing, "keras.losses.circle.ref_*", "The class Circle has no arguments for them, in Keras either."},

	{missing, "keras.metrics.*.dtype", "Sums are float64."},
	{spelled, "keras.metrics.*IoU.dtype", "None is \"int\" in Keras, too, which its files call \"int32\"."},
	{missing, "keras.metrics.Metric.name", "An interface: each metric has a Label."},
	{spelled, "keras.metrics.*.thresholds", "None is 0.5 in Keras, too."},

	{missing, "keras.optimizers.*.name", "Nothing calls an optimizer or a schedule by its name."},
	{absent, "keras.optimizers.MultiOptimizer", later},
	{absent, "keras.optimizers.OptimizerMap", "Not there yet: it belongs to MultiOptimizer."},
	{ignored, "keras.optimizers.Adafactor.relative_step", "Keras ignores it as well: it takes min(rate, 1/sqrt(t)) either way."},

	{absent, "keras.callbacks.BackupAndRestore", later},
	{absent, "keras.callbacks.CallbackList", "`callbacks.List` calls several callbacks in turn; it is no object to build."},
	{absent, "keras.callbacks.OrbaxCheckpoint", "Orbax is a format of JAX."},
	{absent, "keras.callbacks.ProgbarLogger", "FitOptions.Progress and Verbose say whether and where the bar is drawn."},
	{missing, "keras.callbacks.TensorBoard.embeddings_*", later},
	{missing, "keras.callbacks.TensorBoard.profile_batch", "runtime/pprof profiles a Go program."},

	{missing, "keras.*.deserialize.custom_objects", "Types are registered once, with saving.Register."},
	{missing, "keras.utils.deserialize_keras_object.custom_objects", "Types are registered once, with saving.Register."},
	{missing, "keras.utils.deserialize_keras_object.safe_mode", "Code in files is never run."},
	{missing, "keras.utils.register_keras_serializable.package", "The name has the package in it: \"Package>Name\"."},

	{missing, "keras.datasets.*.path", "Cache.Dir says where files are; their names are Keras's."},

	{absent, "keras.utils.audio_dataset_from_directory", later},
	{absent, "keras.utils.FeatureSpace", "Not there yet: `preprocessing.Columns` prepares the columns of tables."},
	{absent, "keras.utils.Config", "A Go struct is one."},
	{absent, "keras.utils.CustomObjectScope", "Types are registered once, with saving.Register."},
	{absent, "keras.utils.get_custom_objects", "Types are registered once, with saving.Register."},
	{absent, "keras.utils.get_registered_object", "Types are registered once, with saving.Register."},
	{absent, "keras.utils.Progbar", "Internal: FitOptions.Progress draws it."},
	{absent, "keras.utils.PyDataset", "`data.Dataset` is the interface, `data.FromGenerator` makes one of a function, and Map's NumParallelCalls are its workers."},
	{absent, "keras.utils.clear_session", "There is no global state to clear."},
	{absent, "keras.utils.set_random_seed", "There is no global state: CompileOptions.Seed is what all random numbers of a model come from."},
	{absent, "keras.utils.*able_interactive_logging", "Nothing is shown unless FitOptions.Progress is set."},
	{absent, "keras.utils.is_interactive_logging_enabled", "Nothing is shown unless FitOptions.Progress is set."},
	{absent, "keras.utils.get_source_inputs", "A model knows its inputs: `Model.InputNames`."},
	{absent, "keras.utils.is_keras_tensor", "The compiler knows an ops.Tensor."},
	{absent, "keras.utils.*pack_x_y_sample_weight", "`data.Batch` is a struct of all three."},
	{absent, "keras.utils.standardize_dtype", "An ops.DType has one spelling."},

	{differs, "keras.utils.model_to_dot.show_layer_names", "The options are plot_model's, and so are their defaults."},
	{missing, "keras.utils.model_to_dot.subgraph", "For Keras's own use: ExpandNested draws the models within a model."},
	{missing, "keras.utils.plot_model.to_file", "Plot's path; Model makes the picture without a file."},
	{missing, "keras.utils.array_to_img.dtype", "A picture has 8 bits for a color."},
	{missing, "keras.utils.img_to_array.dtype", "Arrays of pictures are float32."},
	{missing, "keras.utils.pad_sequences.dtype", "The type of the elements."},
	{missing, "keras.utils.save_img.file_format", "The path's ending says it."},
	{missing, "keras.utils.split_dataset.preferred_backend", "There is one kind of array."},
	{missing, "keras.utils.*.format", "There is one kind of data set."},
	{missing, "keras.utils.*.verbose", "A library prints nothing; Directory has the names and the number of the files."},
	{missing, "keras.utils.get_file.cache_dir", "Cache.Dir."},
	{missing, "keras.utils.get_file.md5_hash", "Old: FileHash with HashAlgorithm \"md5\"."},
	{missing, "keras.utils.get_file.untar", "Old: Extract with ArchiveFormat \"tar\"."},
	{silent, "keras.utils.get_file.archive_format", "The comment at Extract says it: \"auto\"."},
	{spelled, "keras.utils.*.data_format", "There is no global setting: None is \"channels_last\", as in a fresh Keras."},
	{differs, "keras.utils.*.labels", "Without Labels they are inferred."},
	{spelled, "keras.utils.*.seed", "Keras draws one; here the same seed gives the same order."},
	{spelled, "keras.utils.*.validation_split", "None is 0, nothing set aside."},
	{spelled, "keras.utils.text_dataset_from_directory.max_length", "None is no limit."},
	{spelled, "keras.utils.timeseries_dataset_from_array.*_index", "None is the first and the last row."},

	{absent, "keras.layers.*", later},
	{missing, "keras.layers.*.dtype", "Computation is in float32."},
	{missing, "keras.layers.*.autocast", "Computation is in float32."},
	{missing, "keras.layers.*.sparse", "There are no sparse arrays."},
	{missing, "keras.layers.*.ragged", "There are no ragged arrays: sequences are padded."},
	{missing, "keras.layers.*.lora_*", later},
	{missing, "keras.layers.*.quantization_config", "Computation is in float32."},
	{missing, "keras.layers.*.bounding_box_format", "These layers change pictures only."},
	{missing, "keras.layers.*.factor", "An argument of a base class that this layer refuses in Keras, too."},
	{missing, "keras.layers.*.use_cudnn", "How, not what, is computed."},
	{missing, "keras.layers.Input*.batch_shape", "Shape and BatchSize say it."},
	{missing, "keras.layers.Input*.optional", later},
	{missing, "keras.layers.Input.tensor", later},
	{missing, "keras.layers.InputLayer.input_tensor", later},
	{missing, "keras.layers.BatchNormalization.renorm*", later},
	{missing, "keras.layers.BatchNormalization.synchronized", "There is one device."},
	{missing, "keras.layers.Embedding.weights", "Not there yet: an initializer of one's own gives them."},
	{differs, "keras.layers.Embedding.embeddings_initializer", "\"uniform\" is Keras's word for RandomUniform."},
	{silent, "keras.layers.CategoryEncoding.num_tokens", "Required, as Keras's None is an error."},
	{silent, "keras.layers.dot.axes", "Required, as by Keras's class Dot."},
	{missing, "keras.layers.IntegerLookup.vocabulary_dtype", "Integers are int32 in arrays and int64 in vocabularies."},
	{missing, "keras.layers.StringLookup.oov_method", "Text is always hashed, in Keras too: there is nothing to choose."},
	{ignored, "keras.layers.*.unroll", "How, not what, is computed: a sequence is one operation."},
	{ignored, "keras.layers.*.flash_attention", "How, not what, is computed: the scores are never all in memory."},
	{missing, "keras.layers.AdditiveAttention.score_mode", "An argument of a base class without effect here, in Keras, too."},
	{missing, "keras.layers.Bidirectional.weights", "Old: layers.SetWeights."},
	{missing, "keras.layers.EinsumDense.gptq_unpacked_column_size", "Computation is in float32."},
	{extra, "keras.layers.*.ActivityRegularizer", "The field is one of all layers; set here, it is an error, as in Keras."},
	{extra, "keras.layers.*.Trainable", "The layer has nothing to train, and Keras takes no trainable in a file: leave it nil."},
}
