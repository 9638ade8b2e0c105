-- A member's document is the patient file's document: a change of the file reaches the
-- membership, where "one person, one member" and "a member has a document" are held.
ALTER TABLE members_membership
    ADD CONSTRAINT membership_document_follows_patient
    FOREIGN KEY (patient_id, document_type, document_index)
    REFERENCES members_patient (id, document_type, document_index)
    ON UPDATE CASCADE;

-- Numbers of new members; a gap is harmless, a number given twice is not.
CREATE SEQUENCE members_membership_number;

-- Membership is for life (R5): it is never deleted and never moves to another file.
CREATE FUNCTION members_membership_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.id, NEW.patient_id, NEW.number, NEW.enrolled_at)
                          = (OLD.id, OLD.patient_id, OLD.number, OLD.enrolled_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '会员资格为实名终生制，不能删除、换号或转移'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_is_for_life';
END $$;

CREATE TRIGGER members_membership_guard
    BEFORE UPDATE OR DELETE ON members_membership
    FOR EACH ROW EXECUTE FUNCTION members_membership_guard();

CREATE TRIGGER members_membership_no_truncate
    BEFORE TRUNCATE ON members_membership
    FOR EACH STATEMENT EXECUTE FUNCTION members_membership_guard();
