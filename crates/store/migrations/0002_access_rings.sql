-- Access tokens that reach some rings only; those before reach all.
ALTER TABLE access ADD COLUMN rings TEXT NOT NULL DEFAULT '["*"]';
