-- 一个数字是从哪张表、哪一行、哪份回执来的？
-- From which sheet, row and receipt does a number come?
-- The 8 of rule 3d (at least 10 staff) for one street in 2025-Q1. The rows below are what was counted; no name leaves the
-- raw file. `jiedao explain` prints the cells, `jiedao receipt show` the receipt.
select
    posts.sheet,
    posts.row,
    posts.person_kind,
    posts.start_on,
    posts.submission_id as receipt,
    left(status.file_sha256, 12) as file_sha256
from core.fct_staff_post as posts
inner join marts.mart_submission_status as status on posts.submission_id = status.submission_id
where
    posts.unit_code = '440103003' and posts.period = '2025-Q1' and posts.is_in_post
    and posts.person_kind in ('专职团干部', '兼职团干部')
order by posts.sheet, posts.row
