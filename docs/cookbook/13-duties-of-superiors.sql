-- 上级欠街道什么？
-- What do the committees above owe the streets?
-- The second score of a street: what others owe it. 100 % means that all streets have got it.
select
    lines.item_zh,
    lines.owed_by,
    count(*) as streets,
    count(*) filter (where lines.attainment_thousandths < 1000) as streets_short,
    round(avg(lines.attainment_thousandths) / 10.0, 1) as mean_attainment_pct
from marts.mart_score_line as lines
where
    lines.stage_code = 'S1' and lines.unit_level = 'street' and lines.score_kind = 'superior'
    and lines.attainment_thousandths is not null
group by lines.item_code, lines.item_zh, lines.owed_by
order by mean_attainment_pct, lines.item_zh, lines.owed_by
