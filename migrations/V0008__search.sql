-- The words to find announcements by are written by the program, which has them at hand: to take them out of JSON again costs
-- more than all the rest of an insertion.
DROP TRIGGER announcements_words_added;
DROP TRIGGER announcements_words_changed;
DROP VIEW announcement_words;

PRAGMA user_version = 8;
