"""Education bases, activities, exemplary cases, publicity, training."""
