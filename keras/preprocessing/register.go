package preprocessing

import "github.com/gokeras/gokeras/keras/saving"

func init() {
	const module = "gokeras.preprocessing"
	saving.Register[Categories]("Categories", module)
	saving.Register[ColumnStep]("ColumnStep", module)
	saving.Register[Columns]("Columns", module)
	saving.Register[LabelEncoder]("LabelEncoder", module)
	saving.Register[MaxAbsScaler]("MaxAbsScaler", module)
	saving.Register[MinMaxScaler]("MinMaxScaler", module)
	saving.Register[OneHotEncoder]("OneHotEncoder", module)
	saving.Register[OrdinalEncoder]("OrdinalEncoder", module)
	saving.Register[Pipeline]("Pipeline", module)
	saving.Register[RobustScaler]("RobustScaler", module)
	saving.Register[SimpleImputer]("SimpleImputer", module)
	saving.Register[StandardScaler]("StandardScaler", module)
}
