-- 全区失分最多的是哪些考核项？
-- Which items of the score cost the streets most points?
-- Scores are whole thousandths of a point. Streets without any report would lose everything and hide the rest.
select
    lines.item_zh,
    round(sum(lines.max_points - lines.points) / 1000.0, 1) as points_lost,
    count(*) filter (where lines.points < lines.max_points) as streets,
    round(avg(lines.attainment_thousandths) / 10.0, 1) as mean_attainment_pct
from marts.mart_score_line as lines
inner join marts.mart_stage_score as scores using (stage_code, unit_code)
where
    lines.stage_code = 'S1' and lines.unit_level = 'street' and lines.score_kind = 'own'
    and lines.is_in_denominator and scores.reported_count = scores.expected_count
group by lines.item_code, lines.item_zh
order by points_lost desc, lines.item_zh
limit 8
