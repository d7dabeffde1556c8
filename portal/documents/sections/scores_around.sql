-- Mean score of the units of the same level below each unit above, in thousandths; means of too few are left out.
select
    units.unit_code, means.stage, means.above_code as code, means.unit_count, means.score, means.max_score
from (
    select
        above.above_code, scores.unit_level, scores.stage_code as stage, count(*) as unit_count,
        round(avg(scores.score))::integer as score, round(avg(scores.max_score))::integer as max_score
    from marts.mart_stage_score as scores
    inner join document_above as above using (unit_code)
    where scores.unit_code <> above.above_code and scores.score is not null
    group by all
    having count(*) >= getvariable('fewest_in_a_mean')
) as means
inner join document_above as units using (above_code)
inner join document_unit as self using (unit_code)
where self.unit_level = means.unit_level and units.unit_code <> means.above_code
order by units.unit_code, means.stage, list_position(list_transform(self.path, lambda one: one.code), means.above_code)
