-- What was read in stays on record: which file, by whom, and what became of it.
CREATE FUNCTION staff_import_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND OLD.finished_at IS NULL
       AND (NEW.id, NEW.kind, NEW.is_staged, NEW.file_name, NEW.digest, NEW.by_id,
            NEW.created_at, NEW.row_count)
           IS NOT DISTINCT FROM
           (OLD.id, OLD.kind, OLD.is_staged, OLD.file_name, OLD.digest, OLD.by_id,
            OLD.created_at, OLD.row_count) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '导入记录不能删除，结束后不能修改'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'import_is_on_record';
END $$;

CREATE TRIGGER staff_import_guard
    BEFORE UPDATE OR DELETE ON staff_import
    FOR EACH ROW EXECUTE FUNCTION staff_import_guard();

CREATE TRIGGER staff_import_no_truncate
    BEFORE TRUNCATE ON staff_import
    FOR EACH STATEMENT EXECUTE FUNCTION staff_import_guard();
