-- The stages that have scores, for whoever may choose among them.
select document_unit.unit_code, stages.stage_code as stage, stages.name_zh as name
from document_unit
cross join rulebook.stages as stages
where stages.stage_code in (select stage_code from marts.mart_stage_score)
order by document_unit.unit_code, stage
