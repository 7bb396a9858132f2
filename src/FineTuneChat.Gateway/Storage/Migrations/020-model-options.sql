-- How a local model is loaded, where that is not as the settings say: JSON of what differs.
CREATE TABLE model_options (
    model   TEXT PRIMARY KEY,
    options TEXT NOT NULL
);
